"""How a complaint gets to the person who answers it."""
