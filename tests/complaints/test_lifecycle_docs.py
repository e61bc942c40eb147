"""The document of the life of a complaint is the one that the table in the code gives."""

from django.conf import settings

from complaints.lifecycle import VERBS
from complaints.management.commands.lifecycle_docs import RETURNS_TO, TARGET, describe_lifecycle
from complaints.models import Complaint


def test_the_document_is_current():
    assert (settings.BASE_DIR / TARGET).read_text(encoding="utf-8") == describe_lifecycle(), "run manage.py lifecycle_docs"


def test_the_document_names_every_verb():
    document = describe_lifecycle()

    assert [name for name in VERBS if f"\n| `{name}` |" not in document] == []


def test_verbs_that_go_back_say_where_the_model_may_go():
    targets = {
        each.name: each.target.allowed_states for each in Complaint().get_all_status_transitions() if hasattr(each.target, "allowed_states")
    }

    assert {name: set(states) for name, states in targets.items()} == {name: set(states) for name, states in RETURNS_TO.items()}
