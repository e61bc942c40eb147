"""The help centre: what everybody may read. Nothing but public articles in force is ever looked up here."""
