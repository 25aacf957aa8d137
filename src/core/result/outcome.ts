/** Where in a run something happened. */
export type Stage = 'list' | 'load' | 'logics' | 'format' | 'write' | 'callback'

/** How a listed item ended: exactly one of these, each counted under its own name but `previewed` (a dry run's success). */
export type ItemOutcome =
  | 'read_failure'
  | 'read_unchanged'
  | 'read_filtered'
  | 'read_gone'
  | 'read_skipped'
  | 'logics_discard'
  | 'logics_failure'
  | 'format_failure'
  | 'write_success'
  | 'write_unchanged'
  | 'write_not_found'
  | 'write_archived'
  | 'write_unarchived'
  | 'write_failure'
  | 'write_skipped'
  | 'previewed'

/** How a run ended: `fatal` concerns the whole run, `success_with_failures` some of its items. */
export type Status = 'success' | 'success_with_failures' | 'fatal'

/** Why a run ended as it did; `none` unless it is fatal, was interrupted or made way for others. */
export type Reason =
  | 'none'
  | 'workflow_id_not_found'
  | 'origin_is_not_readable'
  | 'target_is_not_writable'
  | 'origin_does_not_support_incremental'
  | 'backend_not_configured'
  | 'event_parsing_failure'
  | 'getting_incremental_token_failure'
  | 'mode_not_supported_by_origin'
  | 'mode_not_supported_by_target'
  | 'bad_origin_parameters'
  | 'bad_target_parameters'
  | 'format_failure'
  | 'logics_failure'
  | 'read_failure'
  | 'write_failure'
  | 'workflow_already_running'
  | 'workflow_lease_lost'
  | 'interrupted'
  | 'yielded'
