"""Live conversations: a customer who waits for a person, talks with one, leaves a message or books a call."""
