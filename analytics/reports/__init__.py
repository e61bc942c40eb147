"""Pages of figures that are kept under a name, shared with a team or role, and sent by mail at set times."""
