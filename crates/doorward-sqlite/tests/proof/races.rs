//! Each scene on threads, where commits meet in one transaction, and in two processes, where they
//! meet at the file's lock.

use crate::{
    race::{in_two_processes, on_threads},
    scenes::{
        AcceptAgainstDemotion, AcceptAgainstResend, AcceptAgainstRevoke, AssignAgainstDelete,
        OneAddress, OnePerson, OneProof, OneRequest, OneSponsorsRequest, OneToken, TwoDirectors,
    },
};

macro_rules! races {
    ($($(#[$doc:meta])* $test:ident: $scene:ty,)*) => {
        mod threads {
            use super::*;

            $($(#[$doc])* #[test]
            fn $test() {
                on_threads::<$scene>(concat!(module_path!(), "::", stringify!($test)));
            })*
        }

        mod processes {
            use super::*;

            $($(#[$doc])* #[test]
            fn $test() {
                in_two_processes::<$scene>(concat!(module_path!(), "::", stringify!($test)));
            })*
        }
    };
}

races! {
    /// Design 5: "any other second use is refused as a used link".
    of_32_who_use_one_token_one_joins: OneToken,
    /// Design 3: "same digest -> `Applied::Before(receipt)`".
    one_request_sent_32_times_is_applied_once: OneRequest,
    /// Design 3: "A replay answers the first outcome".
    one_request_of_a_sponsor_sent_16_times_is_applied_once: OneSponsorsRequest,
    one_request_by_a_link_sent_16_times_is_applied_once: OneProof,
    an_invitation_is_accepted_or_revoked_and_never_both: AcceptAgainstRevoke,
    /// Design 5: "old link answers 'superseded by a newer mail'".
    an_old_link_is_dead_or_accepted: AcceptAgainstResend,
    /// Design 4: "The last member who can administer a tenant cannot be removed, demoted ... also
    /// under races."
    of_two_directors_who_demote_each_other_one_stays: TwoDirectors,
    /// Design 3: "retire, then scan".
    a_level_is_given_or_deleted_and_never_both: AssignAgainstDelete,
    /// Design 6: "its link answers 'sign in to continue'".
    an_address_is_proved_once: OneAddress,
    /// Design 5: "If the address has an account by now, the token path answers 'sign in to
    /// accept'".
    an_address_registers_once: OnePerson,
    /// Design 5: "The sponsor's right to offer is re-checked at accept".
    nobody_joins_by_a_sponsor_who_was_demoted_before: AcceptAgainstDemotion,
}
