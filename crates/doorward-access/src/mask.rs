//! Masks: sets of permissions as bits.

use std::{fmt, ops};

use bitflags::Flags;

/// A set of permissions of one catalog, as bits.
///
/// Masks live between resolving and deciding only: records hold names, never bit numbers.
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct Mask(u128);

impl Mask {
    /// No permission.
    pub const EMPTY: Self = Self(0);

    pub(crate) const fn of_bit(bit: u8) -> Self {
        Self(1 << (bit & 127))
    }

    /// Tells whether every permission of the other mask is in this one. Ask with a mask that is not
    /// empty: the empty one is in every mask.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Tells whether a permission is in both masks.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Tells whether no permission is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the permissions of this mask that are not in the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns the lowest permission alone, or the empty mask.
    #[must_use]
    pub const fn first(self) -> Self {
        Self(self.0 & self.0.wrapping_neg())
    }

    /// Returns how many permissions it holds.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Returns the bits.
    #[must_use]
    pub const fn bits(self) -> u128 {
        self.0
    }

    pub(crate) fn iter_bits(self) -> impl Iterator<Item = u8> {
        (0..128u8).filter(move |bit| self.meets(Self::of_bit(*bit)))
    }
}

impl ops::BitAnd for Mask {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl ops::BitOr for Mask {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl ops::BitOrAssign for Mask {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({:#x})", self.0)
    }
}

/// Whatever names permissions of the catalog: the host's own `bitflags!` type, or a [`Permission`]
/// that was looked up by its name.
///
/// Several permissions at once mean all of them.
pub trait Permissions: Copy {
    /// Returns the permissions as bits.
    fn mask(self) -> Mask;
}

impl<P: Flags<Bits: Into<u128>> + Copy> Permissions for P {
    #[inline]
    fn mask(self) -> Mask {
        Mask(self.bits().into())
    }
}

impl Permissions for Mask {
    #[inline]
    fn mask(self) -> Mask {
        self
    }
}

/// One permission of a catalog, looked up by name ([`Catalog::permission`](crate::Catalog::permission)).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Permission(u8);

impl Permission {
    pub(crate) const fn at(bit: u8) -> Self {
        Self(bit)
    }

    pub(crate) const fn bit(self) -> u8 {
        self.0
    }
}

impl Permissions for Permission {
    #[inline]
    fn mask(self) -> Mask {
        Mask::of_bit(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_of_128_permissions_has_a_bit_of_its_own() {
        let high = Mask::of_bit(127);
        assert_eq!(high.bits(), 1 << 127);
        assert_eq!((high | Mask::of_bit(3)).first(), Mask::of_bit(3));
        assert_eq!(
            (high | Mask::of_bit(3)).iter_bits().collect::<Vec<_>>(),
            [3, 127]
        );
    }

    #[test]
    fn debug_shows_hexadecimal() {
        assert_eq!(format!("{:?}", Mask::of_bit(4)), "Mask(0x10)");
    }
}
