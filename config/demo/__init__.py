"""The demo shop: invented orders, customers, complaints and staff, the same for the same seed."""
