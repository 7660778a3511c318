//! The list of all cases, in one place, and what is made of it.

/// Makes one `#[test]` for each case of the contract.
///
/// The argument is an expression for a [`Harness`](crate::Harness), evaluated in each test.
#[macro_export]
macro_rules! conformance_tests {
    ($harness:expr) => {
        $crate::conformance_cases! { conformance_test ($harness) }
    };
}

/// The list. Each guarantee has its file; a case says what holds.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_cases {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            atomicity {
                a_commit_writes_all_its_parts
                a_failed_batch_leaves_nothing
                one_commit_spans_scopes
                what_was_committed_is_there_after_reopening
                another_handle_sees_a_commit_at_once
                a_get_answers_in_the_order_of_its_keys
                a_get_answers_one_snapshot
                a_check_guards_without_writing
            }
            races {
                one_of_racing_updates_wins
                one_of_racing_creations_wins
                one_of_racing_claims_wins
                two_that_guard_each_other_do_not_both_win
                racing_increments_are_all_counted
                racing_resends_apply_once
                racing_claimers_share_no_message
                racing_sealers_do_not_fork_the_log
            }
            claims {
                a_value_is_held_by_one_record
                values_of_another_scope_or_space_are_others
                a_claim_may_lie_in_another_scope_than_its_record
                two_puts_of_a_batch_cannot_claim_one_value
                two_records_swap_their_values_in_one_batch
                a_value_moves_from_a_deleted_record_in_one_batch
                a_claim_is_released_by_delete_and_by_rewriting
                a_record_keeps_its_claim_when_rewritten
                a_conflict_of_versions_comes_before_a_taken_value
                values_are_compared_byte_by_byte
            }
            versions {
                versions_grow_with_each_write
                each_put_answers_its_version
                a_version_is_not_reused_after_delete_and_recreate
                a_conflict_names_its_write_and_the_stored_version
                the_first_of_two_conflicts_is_named
                records_of_another_scope_or_kind_are_others
                a_batch_names_each_record_once
            }
            requests {
                a_request_is_applied_once
                a_resend_is_answered_before_any_precondition
                another_digest_under_the_same_key_is_refused
                requests_of_others_are_other_requests
                a_refused_batch_remembers_no_request
                old_requests_are_forgotten_and_young_ones_kept
                a_settlement_is_replayed_with_its_batch
            }
            cancellation {
                a_dropped_commit_is_whole_or_nothing
                a_resend_after_a_lost_answer_applies_once
                a_dropped_call_leaves_a_working_handle
            }
            processes {
                another_process_sees_a_commit_at_once
                of_two_processes_one_wins
                two_processes_apply_a_request_once
                two_processes_share_no_message
                a_killed_process_leaves_commits_whole
            }
            scans {
                a_kind_is_scanned_in_byte_order_of_its_ids
                an_index_is_scanned_in_byte_order_of_its_values
                a_span_holds_exactly_its_values
                equal_values_are_ordered_by_kind_and_id
                kinds_and_indexes_are_apart
                a_rewritten_record_is_found_under_its_new_values_only
                a_scan_never_leaves_its_scope
            }
            pages {
                a_page_has_at_most_its_limit
                pages_miss_and_repeat_nothing_that_stays
                a_deleted_place_is_no_obstacle
                a_cursor_survives_reopening
                a_cursor_reads_nothing_outside_its_range
                bytes_that_are_no_cursor_are_refused
                more_than_a_thousand_keys_are_refused
            }
            audit {
                sealing_gives_positions_without_gaps
                a_sealer_with_an_old_head_is_refused
                an_entry_is_sealed_once
                an_entry_with_an_early_id_is_not_skipped
                an_entry_never_changes
                entries_page_in_both_orders_while_they_are_sealed
                checkpoints_are_kept
                scopes_with_unsealed_entries_are_found
                a_sealing_names_1_to_1000_entries
            }
            erasure {
                side_rows_are_read_by_entry_and_field
                erasure_takes_the_named_side_rows_alone
                an_erasure_commits_with_its_batch
            }
            outbox {
                a_message_is_claimed_from_its_due_instant_on
                a_leased_message_is_claimed_again_when_the_lease_ends
                a_stale_try_cannot_settle
                a_try_settles_once
                a_try_settles_after_its_lease_if_nobody_came
                a_retry_is_claimed_from_its_new_instant_on
                a_settlement_commits_with_its_batch
                a_settlement_may_queue_another_message
                the_longest_free_message_comes_first
                messages_of_scopes_are_apart
                a_message_id_is_not_used_twice
            }
            limits {
                a_hundred_items_are_taken
                a_hundred_and_one_items_are_refused
                released_claims_and_entries_are_items
                one_mebibyte_is_taken_and_one_byte_more_is_not
                an_empty_batch_is_fine
                every_byte_value_is_kept
                the_longest_names_and_values_are_kept
                receipts_and_audit_entries_have_their_own_limits
                settlements_and_erasures_are_items
            }
            random {
                random_batches_match_the_model
            }
        }
    };
}

/// A test function for each case.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_test {
    (($harness:expr) $($module:ident { $($case:ident)* })*) => {
        $($(
            #[test]
            fn $case() {
                $crate::prove(&$harness, stringify!($case));
            }
        )*)*
    };
}

/// A table row for each case.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_table {
    (($harness:ty) $($module:ident { $($case:ident)* })*) => {
        vec![$($(
            $crate::Case {
                name: stringify!($case),
                run: |harness: &$harness| harness.block_on($module::$case(harness)),
            },
        )*)*]
    };
}
