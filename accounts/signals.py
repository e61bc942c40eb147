"""News of this floor, sent after commit."""

from django.dispatch import Signal

# An agent became ready, went away, or came back after silence: user, state.
presence_changed = Signal()
# A lead asked somebody back: user, by.
colleague_called = Signal()
# A calendar got a new version: version, by.
calendar_published = Signal()
# Somebody's shifts or leave were planned anew: user, by.
shifts_changed = Signal()
