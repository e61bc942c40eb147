"""By when: which policy says so, what is owed, and what happens as the time runs out."""
