"""The customer's pages. None of them reads the session; who may see a complaint is decided by the links a browser has opened."""
