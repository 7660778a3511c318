//! Who does what: chosen by their reference, so that every run chooses the same people.

/// Tells whether somebody never answers: every third.
pub(crate) fn is_silent(reference: &str) -> bool {
    one_of(3, "silent", reference)
}

/// Tells whether somebody's access is disabled: every fortieth.
pub(crate) fn is_disabled(reference: &str) -> bool {
    one_of(40, "disabled", reference)
}

/// Tells whether somebody signs in afterwards: every tenth of those who can.
pub(crate) fn signs_in(reference: &str) -> bool {
    one_of(10, "signs in", reference) && !is_disabled(reference)
}

/// Returns a number that these texts always have: FNV-1a, stirred by the end of MurmurHash3, so that
/// the texts of a numbered list spread. Both stay what they are in every release.
pub(crate) fn mark(what: &str, text: &str) -> u64 {
    let bytes = what.bytes().chain([0]).chain(text.bytes());
    let mark = bytes.fold(0xcbf2_9ce4_8422_2325, |mark: u64, byte| {
        (mark ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mark = (mark ^ (mark >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mark = (mark ^ (mark >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mark ^ (mark >> 33)
}

fn one_of(count: u64, what: &str, reference: &str) -> bool {
    mark(what, reference).is_multiple_of(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_falls_on_its_share_of_the_references() {
        let count = |is: fn(&str) -> bool| {
            let references = (0..4_000).map(|number| format!("P{number:05}"));
            references.filter(|reference| is(reference)).count()
        };
        assert!((1_200..1_460).contains(&count(is_silent)));
        assert!((70..130).contains(&count(is_disabled)));
        assert!((330..450).contains(&count(signs_in)));
    }
}
