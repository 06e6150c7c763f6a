"""Every endpoint with the test that calls it, by test file."""

from .row import AUTOSCAN, INGEST, METARR, MPG, PLEX, UI, rows

_EXTRACTION = "test_extraction_is_switched_in_every_library_and_counted"
_PLUGIN = "test_the_plugin_comes_and_goes_only_with_its_phrase"

SERVERS = (
    *rows(
        UI,
        "test_servers_api",
        ("GET /api/servers", MPG, "test_a_server_is_asked_for_what_was_not_given"),
        ("POST /api/servers", MPG, "test_a_server_is_asked_for_what_was_not_given"),
        ("GET /api/servers/{server_id}", MPG, "test_a_server_can_be_shown_and_forgotten"),
        ("DELETE /api/servers/{server_id}", MPG, "test_a_server_can_be_shown_and_forgotten"),
        ("POST /api/servers/test-connection", MPG, "test_a_connection_is_tried_without_storing_it"),
        ("POST /api/servers/{server_id}/refresh-libraries", MPG, "test_refreshed_libraries_keep_their_switches"),
        ("GET /api/servers/owners", MPG, "test_owners_are_named_in_either_spelling"),
    ),
    *rows(
        UI,
        "test_server_changes_api",
        ("PUT /api/servers/{server_id}", MPG, "test_a_whole_list_leaves_out_what_is_gone_and_takes_in_what_is_new"),
        ("PATCH /api/servers/{server_id}", MPG, "test_of_a_library_what_is_not_named_stays"),
    ),
    *rows(
        UI,
        "test_single_switches_api",
        ("POST /api/servers/{server_id}/vendor-extraction", MPG, _EXTRACTION),
        ("GET /api/servers/{server_id}/vendor-extraction/status", MPG, _EXTRACTION),
        (
            "POST /api/servers/{server_id}/scheduled-trickplay",
            MPG,
            "test_the_daily_task_is_switched_off_and_on",
        ),
        ("POST /api/servers/{server_id}/install-plugin", MPG, _PLUGIN),
        ("POST /api/servers/{server_id}/uninstall-plugin", MPG, _PLUGIN),
    ),
    *rows(
        UI,
        "test_server_health_api",
        ("PATCH /api/servers/{server_id}/enabled", MPG, "test_a_disabled_server_is_not_examined"),
        ("POST /api/servers/{server_id}/test-connection", MPG, "test_a_stored_server_is_tried_as_it_is"),
        ("GET /api/servers/{server_id}/output-status", MPG, "test_the_outputs_of_a_plex_are_those_of_the_very_item"),
        ("GET /api/servers/{server_id}/health-check", MPG, "test_issues_of_plex_are_shown_and_mended_and_gone"),
        ("POST /api/servers/{server_id}/health-check/apply", MPG, "test_issues_of_plex_are_shown_and_mended_and_gone"),
        ("GET /api/servers/{server_id}/previews-readiness", MPG, "test_rows_can_be_dismissed_and_heard_of_again"),
        (
            "POST /api/servers/{server_id}/previews-readiness/dismiss",
            MPG,
            "test_rows_can_be_dismissed_and_heard_of_again",
        ),
        (
            "POST /api/servers/{server_id}/previews-readiness/undismiss",
            MPG,
            "test_rows_can_be_dismissed_and_heard_of_again",
        ),
    ),
    *rows(UI, "test_explain_api", ("GET /api/explain", "", "test_one_server_can_be_asked_for")),
    *rows(
        UI,
        "test_path_doctor",
        (
            "POST /api/servers/{server_id}/path-doctor",
            "",
            "test_the_missing_mapping_is_found_and_works_once_it_is_saved",
        ),
    ),
    *rows(
        UI,
        "test_orphans_api",
        ("GET /api/playback", "", "test_what_plays_where_is_shown_with_the_policy"),
        ("GET /api/orphans", "", "test_a_search_is_a_dry_run_with_the_percentage"),
        ("POST /api/orphans/confirm", "", "test_a_confirmation_is_kept_for_an_hour"),
        ("POST /api/orphans/remove", "", "test_only_a_typed_number_and_no_dry_run_removes"),
        ("GET /api/orphans/report", "", "test_a_search_is_a_dry_run_with_the_percentage"),
    ),
)

_QUICK_CONNECT = "test_quick_connect_in_three_steps_without_a_secret_for_the_browser"
_PIN = "test_a_pin_is_shown_claimed_and_never_gives_the_browser_a_token"
_TRIED = "test_a_server_is_tried_and_its_libraries_are_read_before_it_is_configured"
_SIGNED_OUT = "test_a_token_of_the_older_flow_is_upgraded_and_signing_out_forgets_it"

SIGN_IN = (
    *rows(
        UI,
        "test_server_sign_in_api",
        (
            "POST /api/servers/auth/{vendor}/password",
            MPG,
            "test_a_password_gives_a_handle_with_which_the_server_is_added",
        ),
        ("POST /api/servers/auth/{vendor}/api-key", "", "test_an_api_key_is_checked_and_may_be_used_by_handle"),
        ("POST /api/servers/auth/{vendor}/quick-connect/initiate", MPG, _QUICK_CONNECT),
        ("POST /api/servers/auth/{vendor}/quick-connect/poll", MPG, _QUICK_CONNECT),
        ("POST /api/servers/auth/{vendor}/quick-connect/exchange", MPG, _QUICK_CONNECT),
    ),
    *rows(
        UI,
        "test_plex_sign_in_api",
        ("POST /api/plex/auth/pin", MPG, _PIN),
        ("GET /api/plex/auth/pin/{pin_id}", MPG, _PIN),
        ("GET /api/plex/servers", MPG, "test_a_found_server_is_added_by_its_handle_alone"),
        ("GET /api/plex/libraries", MPG, "test_the_libraries_are_those_of_the_first_enabled_plex_that_answers"),
        ("POST /api/plex/test", MPG, _TRIED),
        ("GET /api/plex/account", "", _PIN),
        ("DELETE /api/plex/account", "", _SIGNED_OUT),
        ("POST /api/plex/account/refresh", "", "test_a_refresh_takes_the_servers_tokens_along"),
        ("POST /api/plex/account/upgrade", "", _SIGNED_OUT),
    ),
    *rows(
        UI,
        "test_plex_webhooks_api",
        (
            "POST /api/settings/plex_webhook/register",
            MPG,
            "test_registering_makes_a_secret_and_keeps_the_webhooks_of_others",
        ),
        ("POST /api/settings/plex_webhook/unregister", MPG, "test_unregistering_leaves_the_others"),
        (
            "GET /api/settings/plex_webhook/status",
            MPG,
            "test_another_secret_is_noticed_and_registering_again_replaces_the_entry",
        ),
        ("POST /api/settings/plex_webhook/test", MPG, "test_the_address_is_tried_with_a_synthetic_event"),
    ),
    *rows(
        UI,
        "test_access",
        ("POST /login", MPG, "test_a_wrong_token_is_refused_and_the_sixth_attempt_has_to_wait"),
        ("POST /logout", MPG, "test_signing_out_ends_the_session_of_the_browser"),
        ("POST /api/auth/login", MPG, "test_a_script_of_the_browser_gets_a_session_too"),
        ("GET /api/auth/status", MPG, "test_a_script_of_the_browser_gets_a_session_too"),
        ("POST /api/auth/logout", MPG, "test_a_script_of_the_browser_gets_a_session_too"),
    ),
)

_PROVIDER = "/plex-provider/{secret}/{provider}"
_PAGED = "test_every_episode_of_a_file_of_several_is_told_page_by_page"

METADATA = (
    *rows(
        UI,
        "metadata/test_matching",
        ("GET /api/plex/provider", "", "test_the_two_providers_say_what_they_can_describe"),
        (f"GET {_PROVIDER}", PLEX, "test_the_two_providers_say_what_they_can_describe"),
        (
            f"POST {_PROVIDER}/library/metadata/matches",
            PLEX,
            "test_a_film_is_found_by_its_file_however_plex_spells_it",
        ),
        (
            f"GET {_PROVIDER}/library/metadata/{{key}}",
            PLEX,
            "test_everything_the_nfo_of_a_film_says_reaches_plex",
        ),
        (
            f"GET {_PROVIDER}/library/metadata/{{key}}/children",
            PLEX,
            "test_seasons_have_their_own_words_pictures_and_days",
        ),
        (f"GET {_PROVIDER}/library/metadata/{{key}}/grandchildren", PLEX, _PAGED),
        (f"GET {_PROVIDER}/library/metadata/{{key}}/extras", PLEX, "test_there_is_no_library_of_extras"),
    ),
    *rows(
        UI,
        "metadata/test_artwork",
        (f"GET {_PROVIDER}/library/metadata/{{key}}/images", PLEX, "test_pictures_are_sent_as_what_they_are"),
        ("GET /plex-provider/artwork/{name}", "", "test_a_picture_that_is_there_already_is_not_sent_again"),
    ),
    *rows(
        UI,
        "metadata/test_address",
        (
            "POST /api/plex/provider/rotate",
            "",
            "test_a_new_address_ends_the_old_one_and_what_plex_knows_stays_known",
        ),
    ),
)

_LIMITED = "test_a_group_takes_no_more_members_than_it_says"
_ONE_GROUP = "test_a_player_is_in_one_group_only_and_of_its_type"
_SYNC = "test_a_path_sync_ends_when_the_players_know_the_file"

PLAYERS = rows(
    UI,
    "test_players_api",
    ("GET /api/players", METARR, "test_a_player_is_a_server_in_other_words"),
    ("POST /api/players", METARR, "test_the_body_of_the_document_is_taken_as_it_is_written"),
    ("POST /api/players/test", METARR, "test_a_player_is_tried_before_it_is_stored"),
    ("GET /api/players/{player_id}", METARR, "test_a_player_that_is_forgotten_leaves_its_group"),
    ("PUT/PATCH /api/players/{player_id}", METARR, "test_a_changed_player_keeps_its_secret_and_what_is_not_named"),
    ("DELETE /api/players/{player_id}", METARR, "test_a_player_that_is_forgotten_leaves_its_group"),
    ("POST /api/players/{player_id}/test", METARR, "test_a_changed_player_keeps_its_secret_and_what_is_not_named"),
    ("GET /api/players/{player_id}/sessions", METARR, "test_sessions_of_a_player_are_shown"),
    *(
        row
        for name in ("groups", "player-groups")
        for row in (
            (f"GET /api/{name}", METARR, "test_both_names_of_groups_mean_the_same"),
            (f"POST /api/{name}", METARR, "test_a_group_is_added_whole_or_not_at_all"),
            (f"GET /api/{name}/{{group_id}}", METARR, _LIMITED),
            (f"PUT/PATCH /api/{name}/{{group_id}}", METARR, "test_a_change_of_a_group_is_made_whole_or_not_at_all"),
            (f"DELETE /api/{name}/{{group_id}}", METARR, _ONE_GROUP),
            (f"POST /api/{name}/{{group_id}}/sync", METARR, _SYNC),
            (f"GET /api/{name}/{{group_id}}/sync/{{sync_id}}", METARR, _SYNC),
        )
    ),
)

_PAUSE = "test_pause_is_one_switch_that_survives_settings_and_restarts"

JOBS = (
    *rows(
        UI,
        "test_jobs_api",
        ("GET /api/jobs", MPG, "test_jobs_come_newest_first_by_page_and_status"),
        ("GET /api/jobs/{job_id}", MPG, "test_a_job_is_shown_with_the_fields_of_the_reference"),
        ("GET /api/jobs/{job_id}/files", MPG, "test_files_are_filtered_searched_and_paged"),
        ("GET/DELETE /api/webhooks/history", MPG, "test_webhooks_are_shown_with_their_jobs_and_can_be_cleared"),
    ),
    *rows(
        UI,
        "test_job_orders_api",
        ("POST /api/jobs", MPG, "test_a_library_job_asks_for_a_scan"),
        ("POST /api/jobs/manual", MPG, "test_a_manual_job_queues_every_path_once"),
        ("POST /api/jobs/clear", MPG, "test_finished_jobs_are_cleared_by_status"),
        (
            "POST /api/jobs/{job_id}/cancel",
            MPG,
            "test_a_job_with_waiting_running_and_finished_files_is_cancelled_at_once",
        ),
        ("DELETE /api/jobs/{job_id}", MPG, "test_a_finished_job_is_deleted_for_good_and_a_running_one_is_not"),
        ("GET /api/jobs/{job_id}/attempts", MPG, "test_every_try_is_kept"),
        ("POST /api/jobs/{job_id}/priority", MPG, "test_another_urgency_is_ordered_and_shown"),
        ("POST /api/jobs/{job_id}/reprocess", MPG, "test_only_what_failed_is_repeated"),
        ("POST /api/jobs/{job_id}/retry-now", MPG, "test_retry_now_fires_what_waits_for_the_index_and_nothing_else"),
        ("GET /api/jobs/stats", MPG, "test_finished_jobs_are_cleared_by_status"),
        ("POST /api/jobs/{job_id}/pause", MPG, _PAUSE),
        ("POST /api/jobs/{job_id}/resume", MPG, _PAUSE),
        ("GET /api/processing/state", MPG, _PAUSE),
        ("POST /api/processing/pause", MPG, _PAUSE),
        ("POST /api/processing/resume", MPG, _PAUSE),
    ),
    *rows(
        UI,
        "test_schedules_api",
        ("GET/POST /api/schedules", MPG, "test_a_schedule_is_added_listed_and_shown"),
        ("GET /api/schedules/{schedule_id}", MPG, "test_a_schedule_is_added_listed_and_shown"),
        ("PUT /api/schedules/{schedule_id}", MPG, "test_only_what_is_given_changes"),
        ("DELETE /api/schedules/{schedule_id}", MPG, "test_a_deleted_schedule_is_gone"),
        ("POST /api/schedules/{schedule_id}/enable", MPG, "test_a_disabled_schedule_has_no_next_run"),
        ("POST /api/schedules/{schedule_id}/disable", MPG, "test_a_disabled_schedule_has_no_next_run"),
        ("POST /api/schedules/{schedule_id}/run", MPG, "test_run_now_sends_a_tick_with_the_id_that_is_answered"),
        ("GET/POST /api/quiet-hours", MPG, "test_quiet_hours_are_changed_by_themselves"),
    ),
)

_SENDER = "test_a_sender_is_added_shown_changed_and_removed"

SYSTEM = (
    *rows(
        UI,
        "test_system_api",
        ("GET /api/health", MPG, "test_health_needs_no_token"),
        ("GET/POST /api/settings", MPG, "test_settings_are_changed_in_part_and_the_secret_is_masked"),
        ("GET /api/system/status", MPG, "test_the_status_counts_jobs_and_queues"),
        ("GET /api/system/config", MPG, "test_the_configuration_is_shown_without_its_secrets"),
        ("GET /api/libraries", MPG, "test_the_libraries_of_every_server_are_listed"),
    ),
    *rows(
        UI,
        "test_devices_api",
        ("POST /api/system/rescan-gpus", MPG, "test_a_rescan_answers_when_every_extractor_looked_again"),
        ("GET /api/jobs/workers", MPG, "test_a_worker_is_named_with_its_device"),
    ),
    *rows(
        UI,
        "test_pictures_api",
        ("GET /api/jobs/{job_id}/files/{path_id}/frame", "", "test_a_frame_is_the_picture_of_its_slot"),
        ("GET /api/jobs/{job_id}/files/{path_id}/sheet", "", "test_a_sheet_shows_ten_pictures_from_dark_to_bright"),
    ),
    *rows(
        UI,
        "test_webhooks_journal",
        ("GET /api/webhooks/pending", MPG, "test_what_waits_is_shown_with_the_time_it_waits_for"),
        ("POST /api/webhooks/pending/{key}/fire-now", MPG, "test_a_waiting_webhook_is_let_go_exactly_once"),
        ("POST /api/webhooks/replay", "", "test_one_stored_event_is_sent_again_under_a_new_id"),
    ),
    *rows(
        UI,
        "test_senders_api",
        ("GET/POST /api/senders", "", _SENDER),
        ("GET/PUT/DELETE /api/senders/{sender_id}", "", _SENDER),
        ("POST /api/senders/{sender_id}/test", "", "test_a_test_says_the_version_or_why_not"),
        ("POST /api/senders/{sender_id}/reconcile", "", "test_a_reading_is_asked_for_and_its_report_shown"),
        ("GET /api/senders/{sender_id}/report", "", "test_a_reading_is_asked_for_and_its_report_shown"),
    ),
    *rows(UI, "test_live_stream", ("GET /api/events", "", "test_a_job_and_its_files_arrive")),
)

SENDERS = {
    "sportarr": MPG,
    **dict.fromkeys(("autoscan", "atrain", "bazarr", "emby", "fileflows", "jellyfin", "lidarr", "overseerr"), ""),
    **dict.fromkeys(("readarr", "tautulli", "tdarr", "unmanic", "whisparr"), ""),
}

INGESTED = (
    *rows(
        INGEST,
        "test_webhook_answers",
        ("POST/PUT /api/webhooks/incoming", MPG, "test_the_universal_endpoint_says_who_it_took_the_sender_for"),
        ("POST/PUT /api/webhooks/plex", MPG, "test_plex_is_read_from_its_multipart"),
        ("POST/PUT /api/webhooks/radarr", MPG, "test_a_download_is_queued_in_the_words_of_the_reference"),
        ("POST/PUT /api/webhooks/sonarr", MPG, "test_a_test_event_is_answered_and_queues_nothing"),
        ("POST/PUT /api/webhooks/custom", MPG, "test_a_custom_payload_without_a_path_is_told_what_is_wanted"),
        ("POST /{SERVER_PASS}", AUTOSCAN, "test_autoscan_enters_by_its_own_path_without_another_credential"),
    ),
    *rows(
        INGEST,
        "test_source_table",
        *(
            (f"POST/PUT /api/webhooks/{name}", known, "test_a_recorded_payload_is_answered_as_the_table_says")
            for name, known in SENDERS.items()
        ),
    ),
    *rows(
        INGEST,
        "test_webhook_door",
        ("POST/PUT /api/webhooks/server/{server_id}", MPG, "test_a_pinned_event_names_its_server"),
    ),
    *rows(
        INGEST,
        "test_webhook_triggers",
        ("GET/POST /triggers/{name}", "autoscan", "test_a_named_trigger_takes_a_path_or_the_payload_of_its_sender"),
        ("POST /triggers/a-train/{drive}", "A-Train", "test_a_drive_of_a_train_lies_where_the_setting_says"),
    ),
)

TABLE = (*SERVERS, *SIGN_IN, *METADATA, *PLAYERS, *JOBS, *SYSTEM, *INGESTED)
