//! Claims: what an account holds alone, and the names by which it is found.
//!
//! An account claims its verified address in the directory and its user name in the tenant that
//! gave it. A user name's look-alikes cannot be kept apart by unique claims alone: any number of
//! ASCII names may share a skeleton (`marnie` and `mamie` differ), yet each must clash with every
//! non-ASCII name of that skeleton, so that the non-ASCII name would need one claim for each ASCII
//! name that could ever come. [`Skeleton`](crate::Skeleton) is the record that keeps them apart.

use doorward_types::{EmailAddress, Scope, TenantId, UserName};

use crate::{Account, AddressChange};

/// Something that at most one account holds.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Claim {
    /// A user name in its tenant.
    UserName {
        /// The tenant that gave it.
        tenant: TenantId,
        /// The name.
        name: UserName,
    },
    /// A verified address, in the directory.
    VerifiedAddress(EmailAddress),
}

impl Claim {
    /// Returns the scope in which it is unique.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        match self {
            Self::UserName { tenant, .. } => Scope::Tenant(*tenant),
            Self::VerifiedAddress(_) => Scope::Directory,
        }
    }

    /// Returns the word for its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::UserName { .. } => "user_name",
            Self::VerifiedAddress(_) => "verified_address",
        }
    }

    /// Returns what is unique: the enforced name or the canonical address.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::UserName { name, .. } => name.as_str(),
            Self::VerifiedAddress(address) => address.canonical(),
        }
    }
}

/// Returns what the account claims.
///
/// A closed account claims nothing: its person could otherwise never come back. While a change of
/// address can be undone, the old address stays claimed beside the new one.
#[must_use]
pub fn account_claims(account: &Account) -> Vec<Claim> {
    let mut claims = Vec::new();
    if !account.is_open() {
        return claims;
    }
    let verified = account.address().and_then(|address| address.verified());
    claims.extend(verified.cloned().map(Claim::VerifiedAddress));
    if let Some(AddressChange::Undoable { old, .. }) = account.address_change() {
        claims.push(Claim::VerifiedAddress(old.clone()));
    }
    if let Some(own) = account.user_name() {
        claims.push(Claim::UserName {
            tenant: own.tenant,
            name: own.name.clone(),
        });
    }
    claims
}

/// Returns the claims under which a typed login name may be found, best first.
///
/// In a tenant the holder of a verified address comes before the holder of a user name, provided
/// that the holder is a member there. The shell looks all of them up, so that no answer tells which
/// was known.
///
/// ```
/// use doorward_identity::{Claim, login_claims};
/// use doorward_types::TenantId;
/// let tenant = TenantId::made_at(time::OffsetDateTime::UNIX_EPOCH, [1; 10]);
/// assert_eq!(login_claims(Some(tenant), "Ana@example.org").len(), 2);
/// assert!(matches!(login_claims(Some(tenant), "ana")[..], [Claim::UserName { .. }]));
/// assert!(login_claims(None, "ana").is_empty());
/// ```
#[must_use]
pub fn login_claims(tenant: Option<TenantId>, typed: &str) -> Vec<Claim> {
    let mut claims = Vec::new();
    // An address that a host once took signs in as well, whatever it takes now.
    if let Ok(address) = EmailAddress::try_from(typed.to_owned()) {
        claims.push(Claim::VerifiedAddress(address));
    }
    if let (Some(tenant), Ok(name)) = (tenant, UserName::new(typed.trim())) {
        claims.push(Claim::UserName { tenant, name });
    }
    claims
}
