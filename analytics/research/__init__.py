"""After-sales data for research: one row for each matter, and nobody can be told from fewer than k of them."""
