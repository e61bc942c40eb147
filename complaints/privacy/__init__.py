"""What people may know, correct and have erased of their own data, and what they are told of it."""
