//! The faults, and the case that names each.

/// One way to break the contract.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// Keeps the contract.
    None,
    BreaksWhenDropped,
    CachesReads,
    ChecksThenWrites,
    ClaimsEarly,
    ClaimsTwiceInABatch,
    CountsFromAnOffset,
    CountsReleasedItemsAsNothing,
    ErasesFirst,
    ErasesWholeEntries,
    FoldsCase,
    ForgetsRequests,
    ForgetsYoungRequests,
    IgnoresChecks,
    IgnoresDigests,
    IgnoresLimits,
    IgnoresVersions,
    KeepsCursorsInMemory,
    LeaksScopes,
    LeasesForever,
    LeasesNothing,
    LooksAtPreconditionsFirst,
    LosesClaims,
    LosesMessages,
    LosesRequestsWhenDropped,
    NeverReleasesClaims,
    OverwritesEntries,
    ReadsBackwards,
    ReadsKeyByKey,
    ReadsText,
    RefusesSwaps,
    RemembersRefusedRequests,
    ReportsTakenAsConflict,
    RestartsVersions,
    SealsByCursor,
    SealsInOrderOfIds,
    SealsWithoutComparing,
    SettlesFirst,
    SettlesStale,
    SharesClaimsBetweenScopes,
    SharesRequestsBetweenPrincipals,
    TakesTooLittle,
    TakesTooMuch,
    TearsBatches,
    TearsWhenDropped,
    WritesPrefixesAsText,
}

/// For each guarantee faults that break it, each with a case that must catch it.
pub(crate) const CAUGHT_BY: &[(&str, &[(Fault, &str)])] = &[
    (
        "G1",
        &[
            (Fault::TearsBatches, "a_failed_batch_leaves_nothing"),
            (Fault::TearsBatches, "one_commit_spans_scopes"),
            (Fault::LosesMessages, "a_commit_writes_all_its_parts"),
            (Fault::CachesReads, "another_handle_sees_a_commit_at_once"),
            (Fault::ReadsKeyByKey, "a_get_answers_one_snapshot"),
            (Fault::IgnoresChecks, "a_check_guards_without_writing"),
        ],
    ),
    (
        "G2",
        &[
            (Fault::ChecksThenWrites, "one_of_racing_updates_wins"),
            (Fault::ChecksThenWrites, "racing_increments_are_all_counted"),
            (
                Fault::IgnoresChecks,
                "two_that_guard_each_other_do_not_both_win",
            ),
            (Fault::LosesClaims, "one_of_racing_claims_wins"),
        ],
    ),
    (
        "G3",
        &[
            (Fault::LosesClaims, "a_value_is_held_by_one_record"),
            (
                Fault::SharesClaimsBetweenScopes,
                "values_of_another_scope_or_space_are_others",
            ),
            (
                Fault::ClaimsTwiceInABatch,
                "two_puts_of_a_batch_cannot_claim_one_value",
            ),
            (
                Fault::RefusesSwaps,
                "two_records_swap_their_values_in_one_batch",
            ),
            (
                Fault::RefusesSwaps,
                "a_value_moves_from_a_deleted_record_in_one_batch",
            ),
            (
                Fault::NeverReleasesClaims,
                "a_claim_is_released_by_delete_and_by_rewriting",
            ),
            (Fault::FoldsCase, "values_are_compared_byte_by_byte"),
        ],
    ),
    (
        "G4",
        &[(
            Fault::RestartsVersions,
            "a_version_is_not_reused_after_delete_and_recreate",
        )],
    ),
    (
        "G5",
        &[
            (Fault::ForgetsRequests, "a_request_is_applied_once"),
            (Fault::ForgetsRequests, "racing_resends_apply_once"),
            (
                Fault::LooksAtPreconditionsFirst,
                "a_resend_is_answered_before_any_precondition",
            ),
            (
                Fault::IgnoresDigests,
                "another_digest_under_the_same_key_is_refused",
            ),
            (
                Fault::SharesRequestsBetweenPrincipals,
                "requests_of_others_are_other_requests",
            ),
            (
                Fault::RemembersRefusedRequests,
                "a_refused_batch_remembers_no_request",
            ),
            (
                Fault::ForgetsYoungRequests,
                "old_requests_are_forgotten_and_young_ones_kept",
            ),
        ],
    ),
    (
        "G6",
        &[
            (
                Fault::IgnoresVersions,
                "a_conflict_names_its_write_and_the_stored_version",
            ),
            (
                Fault::ReportsTakenAsConflict,
                "a_conflict_of_versions_comes_before_a_taken_value",
            ),
        ],
    ),
    (
        "G7",
        &[(
            Fault::TearsWhenDropped,
            "a_dropped_commit_is_whole_or_nothing",
        )],
    ),
    (
        "G8",
        &[
            (
                Fault::LosesRequestsWhenDropped,
                "a_resend_after_a_lost_answer_applies_once",
            ),
            (
                Fault::BreaksWhenDropped,
                "a_dropped_call_leaves_a_working_handle",
            ),
        ],
    ),
    (
        "G9",
        &[
            (
                Fault::ReadsBackwards,
                "a_kind_is_scanned_in_byte_order_of_its_ids",
            ),
            (
                Fault::ReadsBackwards,
                "an_index_is_scanned_in_byte_order_of_its_values",
            ),
            (
                Fault::WritesPrefixesAsText,
                "a_span_holds_exactly_its_values",
            ),
            (Fault::IgnoresLimits, "a_page_has_at_most_its_limit"),
            (
                Fault::CountsFromAnOffset,
                "pages_miss_and_repeat_nothing_that_stays",
            ),
            (Fault::CountsFromAnOffset, "a_deleted_place_is_no_obstacle"),
            (Fault::KeepsCursorsInMemory, "a_cursor_survives_reopening"),
            (Fault::LeaksScopes, "a_scan_never_leaves_its_scope"),
        ],
    ),
    (
        "G10",
        &[
            (
                Fault::SealsWithoutComparing,
                "a_sealer_with_an_old_head_is_refused",
            ),
            (
                Fault::SealsWithoutComparing,
                "racing_sealers_do_not_fork_the_log",
            ),
            (
                Fault::SealsByCursor,
                "an_entry_with_an_early_id_is_not_skipped",
            ),
            (
                Fault::SealsInOrderOfIds,
                "sealing_gives_positions_without_gaps",
            ),
            (Fault::OverwritesEntries, "an_entry_never_changes"),
            (Fault::ErasesFirst, "an_erasure_commits_with_its_batch"),
            (
                Fault::ErasesWholeEntries,
                "erasure_takes_the_named_side_rows_alone",
            ),
        ],
    ),
    (
        "G11",
        &[
            (
                Fault::ClaimsEarly,
                "a_message_is_claimed_from_its_due_instant_on",
            ),
            (
                Fault::LeasesNothing,
                "a_leased_message_is_claimed_again_when_the_lease_ends",
            ),
            (Fault::LeasesNothing, "racing_claimers_share_no_message"),
            (
                Fault::LeasesForever,
                "a_leased_message_is_claimed_again_when_the_lease_ends",
            ),
            (Fault::SettlesStale, "a_stale_try_cannot_settle"),
            (Fault::SettlesFirst, "a_settlement_commits_with_its_batch"),
        ],
    ),
    (
        "G12",
        &[
            (Fault::TakesTooLittle, "a_hundred_items_are_taken"),
            (Fault::TakesTooMuch, "a_hundred_and_one_items_are_refused"),
            (
                Fault::TakesTooMuch,
                "one_mebibyte_is_taken_and_one_byte_more_is_not",
            ),
            (
                Fault::CountsReleasedItemsAsNothing,
                "released_claims_and_entries_are_items",
            ),
            (Fault::ReadsText, "every_byte_value_is_kept"),
        ],
    ),
];
