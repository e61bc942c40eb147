from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import services
from accounts.models import Presence, User
from accounts.signals import presence_changed
from foundation.exceptions import RefusedError
from tests.accounts.builders import make_person

pytestmark = pytest.mark.django_db(transaction=False)


@pytest.fixture
def news(django_capture_on_commit_callbacks):
    """What was announced, once the transaction would have been committed."""
    heard = []

    def hear(sender, user, state, **_rest):
        heard.append((user.pk, str(state)))

    presence_changed.connect(hear)
    yield lambda act: _committed(django_capture_on_commit_callbacks, act, heard)
    presence_changed.disconnect(hear)


def _committed(capture, act, heard) -> list:
    heard.clear()
    with capture(execute=True):
        act()
    return list(heard)


def test_becoming_ready_is_news_once(news):
    agent = make_person("agent")

    assert news(lambda: services.set_presence(agent, "ready", by=agent)) == [(agent.pk, "ready")]
    assert news(lambda: services.set_presence(agent, "ready", by=agent)) == []


def test_a_heartbeat_after_silence_is_news(news):
    agent = make_person("agent")
    services.set_presence(agent, "ready", by=agent)

    assert news(lambda: services.heartbeat(agent)) == []
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert news(lambda: services.heartbeat(agent)) == [(agent.pk, "ready")]


def test_a_heartbeat_of_somebody_away_is_no_news(news):
    agent = make_person("agent")

    assert news(lambda: services.heartbeat(agent)) == []
    assert agent.presence.state == Presence.State.OFFLINE


def test_the_desk_beats_and_switches(client):
    agent = make_person("agent")
    client.force_login(agent)

    assert client.post("/admin/presence/", {"state": "ready"}).headers["Location"] == "/admin/profile/"
    assert client.post("/admin/presence/").status_code == 204
    assert client.post("/admin/presence/", {"state": "asleep"}).status_code == 400
    assert client.get("/admin/presence/").status_code == 405

    presence = Presence.objects.get(user=agent)
    assert presence.state == "ready" and presence.heartbeat_at is not None


def test_profile_keeps_language_density_and_shortcuts(client):
    agent = make_person("agent")
    client.force_login(agent)

    client.post("/admin/profile/", {"language": "en", "density": "compact"})

    agent = User.objects.get(pk=agent.pk)
    assert (agent.language, agent.preferences) == ("en", {"density": "compact", "shortcuts": False})
    assert "Your desk" in client.get("/admin/profile/").content.decode()


def test_profile_refuses_unknown_values_and_changes_nothing_else(client):
    agent = make_person("agent")
    client.force_login(agent)

    assert client.post("/admin/profile/", {"language": "fr", "density": "compact"}).status_code == 422
    client.post("/admin/profile/", {"language": "en", "density": "compact", "is_superuser": "1", "username": "boss", "roles": "admin"})

    kept = User.objects.get(pk=agent.pk)
    assert (kept.username, kept.is_superuser, kept.role_names) == (agent.username, False, {"agent"})


def test_who_is_called_in_hears_it_until_they_are_ready(client):
    agent, lead = make_person("agent"), make_person("lead")
    services.set_presence(agent, "away", by=agent)
    client.force_login(agent, backend="accounts.backends.StaffBackend")

    services.call_in(agent, by=lead)

    assert client.post("/admin/presence/").json().keys() == {"text", "button"}
    client.post("/admin/presence/", {"state": "ready"})
    assert client.post("/admin/presence/").status_code == 204
    assert Presence.objects.filter(user=agent, called_at=None, called_by=None).exists()


def test_nobody_calls_in_who_is_there():
    agent, lead = make_person("agent"), make_person("lead")
    services.set_presence(agent, "ready", by=agent)

    with pytest.raises(RefusedError):
        services.call_in(agent, by=lead)


def test_somebody_ready_but_silent_can_be_called_in():
    agent, lead = make_person("agent"), make_person("lead")
    services.set_presence(agent, "ready", by=agent)
    Presence.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))

    assert services.call_in(agent, by=lead).called_by == lead
