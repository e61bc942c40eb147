"""Active handling time: what pages of the desk report of an agent's work, shared out fairly and settled into ``effort.recorded``."""
