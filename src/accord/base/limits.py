"""Every limit of the system, with its unit, in one place."""

from __future__ import annotations

import msgspec

KIB = 1024
MIB = 1024 * KIB


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a node takes at most. A site changes them in `accord.toml` under `[limits]`."""

    # what is read in one piece
    object_bytes: int = 1 * MIB
    json_depth: int = 64
    envelope_bytes: int = 16 * KIB
    upload_bytes: int = 100 * MIB
    upload_objects: int = 1_000_000
    granular_markings: int = 1_000
    references: int = 10_000

    # pages
    taxii_page_objects: int = 1_000
    taxii_match_values: int = 500
    taxii_status_hours: int = 7 * 24
    openings_page: int = 500
    openings_page_bytes: int = 16 * MIB

    # connections that each process holds at a time; a member that waits and a watched page hold one
    connections: int = 4_096
    watched_pages: int = 30  # of one account

    # requests between nodes
    request_seconds: float = 30.0
    wait_seconds: float = 25.0
    connect_seconds: float = 5.0
    signature_seconds: int = 60
    clock_skew_seconds: int = 120
    checkpoint_bytes: int = 64 * KIB
    card_bytes: int = 64 * KIB

    # quotas for each peer
    peer_requests_per_minute: int = 3_000
    peer_entries_per_day: int = 5_000_000
    peer_bytes: int = 50_000 * MIB
    quarantine_entries: int = 10_000
    quarantine_bytes: int = 64 * MIB
    quarantine_days: int = 30

    # what is taken from one source, a collection of another TAXII server
    source_page_objects: int = 1_000  # asked for; a server may give more or less
    source_page_bytes: int = 64 * MIB
    source_page_seconds: float = 120.0
    source_round_objects: int = 2_000_000
    source_round_pages: int = 20_000
    source_round_seconds: float = 3600.0
    source_bytes: int = 50_000 * MIB

    # control entries
    control_bytes: int = 256 * KIB
    notice_items: int = 100

    # people: what a password costs whoever guesses (Argon2id, after OWASP), and how long they stay
    password_kib: int = 19 * 1024
    password_passes: int = 2
    password_lanes: int = 1
    password_characters: int = 12  # at least
    session_idle_minutes: int = 8 * 60
    session_hours: int = 12
    second_step_minutes: int = 5  # between the password and the code
    setup_code_minutes: int = 60

    # transactions: how many objects share one, so that an urgent one never waits behind many
    append_batch: int = 500
    receive_batch: int = 500
    group_commit_jobs: int = 64
