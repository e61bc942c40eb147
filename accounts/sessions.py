"""Sessions in the database, read by one prepared query: every page of staff begins with it."""

from django.contrib.sessions.backends import db
from django.db.models import QuerySet
from django.utils import timezone

from foundation.prepared import Prepared, Value


class SessionStore(db.SessionStore):
    def _get_session_from_db(self):
        found = _session.first(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
        return found


@Prepared
def _session() -> QuerySet:
    return SessionStore.get_model_class().objects.filter(session_key=Value("key"), expire_date__gt=Value("now"))
