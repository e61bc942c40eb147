"""What is known about people who complain."""

from foundation.personal import Table

WITH_COMPLAINT = "with the complaint: until erased on request"

TABLES = (
    Table(
        label="complaints.Category",
        why="what can be complained about",
        kept="configuration",
        none="id code root name_zh name_en hint_zh hint_en team skill_code skill_level priority promise_hours order_statuses position"
        " is_active",
    ),
    Table(
        label="complaints.Form",
        why="what the form asks",
        kept="configuration",
        none="id category version fields asks_lines evidence_zh evidence_en published_at",
    ),
    Table(label="complaints.Tag", why="labels of the desk", kept="configuration", none="id name"),
    Table(label="complaints.Complaint_tags", why="labels of the desk", kept=WITH_COMPLAINT, none="id complaint tag"),
    Table(
        label="complaints.Complaint",
        of="customers",
        why="to settle the complaint and to find the cause",
        kept="until erased on request; the row with its codes and times stays for the statistics",
        none="id head_seq head_hash merchant customer order category form wish happened_on line_ids currency status status_before"
        " priority channel origin language team assignee waiting_on waiting_until cycle asked_count outcome reason_code liability"
        " no_reply is_proven risk_level risk_signals new_promise_at filed_at filed_by promise_at due_at due_kind due_since timer_at"
        " first_reply_at needs_reply unanswered_since last_message_at escalated_at appealed_at appeal_decided_at resolved_at"
        " resolved_by closed_at merged_into merged_at version number erased_at watcher_ids",
        contact="contact_name contact_phone contact_phone_index contact_email contact_email_index contact_hours",
        identity="order_text",
        financial="amount_fen",
        content="subject description answers order_snapshot resolution",
        secret="submission_digest",  # noqa: S106 - a name of a field
    ),
    Table(label="complaints.Link", why="complaints that belong together", kept=WITH_COMPLAINT, none="id source target kind created_at"),
    Table(
        label="complaints.AssignmentRequest",
        why="who waits for an agent",
        kept=WITH_COMPLAINT,
        none="id complaint state team skill_code skill_level language weight band excluded_ids enqueued_at rank_at blocked_by"
        " chat sticky_agent sticky_until check_at reminded_at",
    ),
    Table(
        label="complaints.ChatSession",
        of="customers",
        why="who talks with whom now, and how long people waited for it",
        kept=WITH_COMPLAINT,
        none="id complaint contact state agent queued_at offered_at accepted_at ended_at timer_at customer_seen_at freed_gap_ms rating"
        " customer_got customer_read agent_read",
    ),
    Table(
        label="complaints.SlaPolicy",
        why="how soon what is promised",
        kept="configuration",
        none="id code version name_zh name_en rank is_overlay condition targets calendar is_active effective_from published_by published_at"
        " reason",
    ),
    Table(
        label="complaints.LegalRule",
        why="deadlines that the law or a platform sets",
        kept="configuration",
        none="id code version platform name_zh name_en amount unit source effective_from confirmed_by confirmed_at",
    ),
    Table(
        label="complaints.ExternalRecord",
        of="customers",
        why="the same matter on a platform or at an authority",
        kept=WITH_COMPLAINT,
        none="id complaint rule stage received_at due_at answered_at drafted_by approved_by",
        identity="external_no",
        content="proof reply",
    ),
    Table(
        label="complaints.ClockRun",
        why="what was owed by when, and whether it was kept",
        kept=WITH_COMPLAINT,
        none="id complaint kind cycle policy external calendar state started_at target_s consumed_s counted_at due_at promise_at reached"
        " pause_reason pauses ended_at missed_at is_uncovered is_promised",
    ),
    Table(
        label="complaints.Clock",
        why="when somebody is told that time runs out",
        kept=WITH_COMPLAINT,
        none="id run complaint kind threshold due_at fired_at parked_at attempts",
    ),
    Table(
        label="complaints.RegionPause",
        why="force majeure in a region: what stood still, and who decided it",
        kept="configuration",
        none="id provinces team_ids shop_ids reason starts_at until created_by ended_at ended_by",
    ),
    Table(label="complaints.RegionPauseRun", why="which clocks stood still with it", kept=WITH_COMPLAINT, none="id pause run joined_at"),
    Table(
        label="complaints.FollowUp",
        why="what somebody here must do by when",
        kept=WITH_COMPLAINT,
        none="id complaint kind callback_kind role owner run threshold starts_at due_at attempts created_at done_at done_by outcome",
    ),
    Table(
        label="complaints.AgentLoad",
        of="staff",
        why="how much work an agent holds",
        kept="the latest only",
        none="user used last_assigned_at shift_units shift_started_at",
    ),
    Table(
        label="complaints.EffortMark",
        of="staff",
        why="up to when an agent's handling time is counted",
        kept="the latest only",
        none="agent settled_to",
    ),
    Table(
        label="complaints.WorkStretch",
        of="staff",
        why="how long people work on complaints, as their pages report it, until it is counted",
        kept="until the night after it is counted; the sums stay in the events of the complaint",
        none="id agent complaint page number is_call started_at ended_at input_at received_at",
    ),
    Table(
        label="complaints.Decision",
        of="staff",
        why="why this agent got this complaint: inputs and version of the rule",
        kept=WITH_COMPLAINT,
        none="id complaint request at cause rule_version winner candidates reason",
    ),
    Table(
        label="complaints.Draft",
        of="visitors",
        why="an unfinished form that comes back; contact details, and all that agents type for customers, are encrypted inside",
        kept="7 days",
        none="id created_at expires_at",
        content="answers",
        secret="digest",  # noqa: S106 - a name of a field
    ),
    Table(label="complaints.Contact", why="by which way the customer came", kept=WITH_COMPLAINT, none="id complaint channel origin at"),
    Table(
        label="complaints.Message",
        of="customers",
        why="to settle the complaint",
        kept="until erased on request; the row without its text stays for the statistics",
        none="id complaint contact kind author_kind author language is_thanks canned_codes risk_marks created_at leaves_at retracted_at",
        content="body card",
    ),
    Table(
        label="complaints.Attachment",
        of="customers",
        why="evidence",
        kept="BIHUAN_KEEP_EVIDENCE_DAYS after closing; unclaimed uploads 1 day",
        none="id key draft complaint message uploaded_by kind media_type size path preview_path thumb_path width height taken_at"
        " is_internal created_at",
        identity="sha256",
        content="name",
    ),
    Table(
        label="complaints.SecretLink",
        of="customers",
        why="to open one complaint without an account",
        kept="BIHUAN_KEEP_LINKS_DAYS after its end",
        none="id complaint purpose created_at expires_at revoked_at",
        contact="contact_index",
        secret="digest",  # noqa: S106 - a name of a field
    ),
    Table(
        label="complaints.Template",
        why="wording of notices",
        kept="configuration",
        none="id node channel language version subject body created_at",
    ),
    Table(
        label="complaints.Outbox",
        of="customers",
        why="mail that must leave; neither address nor text is in it",
        kept="BIHUAN_KEEP_MAIL_DAYS",
        none="id key complaint user event_seq node channel language message queue state next_at expires_at attempts fence claimed_by"
        " created_at sent_at",
        content="values error",
    ),
    Table(
        label="complaints.Survey",
        of="customers",
        why="how satisfied the customer was",
        kept="until erased on request; scores stay for the statistics",
        none="id complaint cycle scale wording solver helper_ids invited_at delivered_at expires_at expired_at suppressed_by score"
        " solved_once reasons answered_at version",
        content="comment",
    ),
    Table(
        label="complaints.SavedView",
        of="staff",
        why="filters of the queue",
        kept="until deleted",
        none="id owner team name filter created_at",
    ),
    Table(
        label="complaints.Macro",
        why="prepared acts",
        kept="configuration",
        none="id code name_zh name_en team category_code body_zh body_en actions initials is_active",
    ),
    Table(
        label="complaints.ReplyDraft",
        of="customers",
        why="an agent's unsent text",
        kept="BIHUAN_KEEP_REPLY_DRAFTS_DAYS",
        none="id agent complaint kind saved_at",
        content="body",
    ),
    Table(
        label="complaints.ComplaintSearchRow",
        of="customers",
        why="to find a complaint by its words; personal numbers and addresses are left out",
        kept="until erased on request",
        none="complaint analysis",
        content="terms",
    ),
    Table(
        label="complaints.CannedUse",
        why="which version of a prepared text was sent and how it was received",
        kept=WITH_COMPLAINT,
        none="id complaint message reply version team cycle language is_edited at",
    ),
    Table(
        label="complaints.ArticleUse",
        of="staff",
        why="which article helped with which complaint",
        kept=WITH_COMPLAINT,
        none="id complaint article version act by at",
    ),
    Table(label="complaints.EventPending", why="sequencing of events", kept="seconds", none="event_id"),
    Table(
        label="complaints.Event",
        of="customers",
        why="what happened, provable by a chain of hashes",
        kept="codes and hashes for ever; payload and salt until erased on request",
        none="id seq kind at recorded_at actor_id author_kind codes digest hash complaint",
        content="payload",
        secret="salt",  # noqa: S106 - a name of a field
    ),
    Table(label="complaints.EventFeed", why="events in commit order", kept="for ever", none="pos event_id subject_id kind"),
    Table(label="complaints.ComplaintCursor", why="how far the feed was read", kept="for ever", none="id consumer feed pos"),
    Table(
        label="complaints.FilingConsent",
        of="customers",
        why="to prove which notice was given when the complaint came in",
        kept=WITH_COMPLAINT,
        none="id complaint version language text_digest channel way at",
    ),
    Table(
        label="complaints.PrivacyRequest",
        of="customers",
        why="requests for a copy, a correction or an erasure, and how they were decided",
        kept="BIHUAN_KEEP_PRIVACY_REQUESTS_DAYS after they were done; texts go with an erasure",
        none="id complaint kind status asked_by asked_at decided_by decided_at done_by done_at",
        contact="wanted",
        content="words answer",
    ),
    Table(
        label="complaints.Hold",
        why="why a complaint may not be erased for now",
        kept=WITH_COMPLAINT,
        none="id complaint placed_by placed_at lifted_by lifted_at",
        content="reason",
    ),
)
