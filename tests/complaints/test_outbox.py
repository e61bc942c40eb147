"""What is told to whom, in which words, and when."""

import json

import pytest

from complaints.channels.templates import LANGUAGES, VARIABLES, find_template, load_template_defaults, shipped_templates
from complaints.lifecycle import Status
from complaints.models import Outbox, Template
from complaints.services import notify
from complaints.services.notices import NODES
from tests.complaints.builders import at, nodes
from tests.factories import make_category, make_complaint, make_user
from ui.placeholders import names

WORDINGS = shipped_templates()


def test_every_notice_has_words_in_every_language():
    assert {(row["node"], row["language"]) for row in WORDINGS} == {(node, language) for node in NODES for language in LANGUAGES}


@pytest.mark.parametrize("row", WORDINGS, ids=lambda row: f"{row['node']}-{row['language']}")
def test_words_use_known_values_only_and_end_with_the_shop(row):
    assert set(names(row["subject"] + row["body"])) <= set(VARIABLES)
    assert row["body"].endswith("{shop}")
    assert not {"link", "survey_link", "message", "result"} & set(names(row["subject"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_say_the_same_things(language):
    other = {row["node"]: set(names(row["body"])) for row in WORDINGS if row["language"] != language}

    assert {row["node"]: set(names(row["body"])) for row in WORDINGS if row["language"] == language} == other


def test_an_acknowledgement_holds_no_word_of_the_visitor():
    wordings = [row for row in WORDINGS if row["node"] in ("acknowledged", "link")]

    assert {name for row in wordings for name in names(row["subject"] + row["body"])} == {"number", "promise", "link", "shop"}


@pytest.mark.django_db
def test_loading_adds_what_is_missing_and_keeps_what_was_edited():
    Template.objects.create(node="link", language="en", version=3, subject="Ours", body="{link}")

    assert load_template_defaults() == len(WORDINGS) - 1
    assert load_template_defaults() == 0
    assert find_template("link", "en").subject == "Ours"


@pytest.mark.django_db
def test_the_newest_version_counts():
    for version in (1, 2):
        Template.objects.create(node="closed", language="en", version=version, subject=f"v{version}", body="x")

    assert find_template("closed", "en").subject == "v2"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        ("2026-03-02 21:59", "2026-03-02 21:59"),
        ("2026-03-02 22:00", "2026-03-03 08:00"),
        ("2026-03-03 07:59", "2026-03-03 08:00"),
        ("2026-03-03 08:00", "2026-03-03 08:00"),
    ],
)
def test_what_can_wait_is_held_in_the_night(moment, leaves):
    with at(moment):
        row = notify(make_complaint(), "merged")

    with at(leaves) as expected:
        assert row.next_at == expected


@pytest.mark.django_db
@pytest.mark.parametrize("node", ["acknowledged", "reply", "resolved", "link"])
def test_what_was_promised_leaves_at_night_too(node):
    with at("2026-03-02 23:30") as moment:
        assert notify(make_complaint(), node).next_at == moment


@pytest.mark.django_db
def test_an_urgent_complaint_knows_no_quiet_hours():
    with at("2026-03-02 23:30") as moment:
        complaint = make_complaint(category=make_category("service.privacy", priority=3))

        assert notify(complaint, "merged").next_at == moment


@pytest.mark.django_db
def test_a_row_holds_neither_address_nor_secret_nor_name():
    complaint = make_complaint(Status.RESOLVED, assignee=make_user(), contact_name="欧阳小满", contact_email="ouyang@mail.example")

    stored = json.dumps(list(Outbox.objects.values("values", "node", "error", "language")), ensure_ascii=False)

    assert complaint.outbox.count() >= 3
    assert "欧阳" not in stored and "ouyang" not in stored and "/t/" not in stored


@pytest.mark.django_db
def test_a_row_names_the_event_that_it_tells_about():
    complaint = make_complaint(Status.CLOSED)

    row = complaint.outbox.get(node="closed")

    assert complaint.events.filter(seq=row.event_seq).exists()
    assert "closed" in nodes(complaint)
