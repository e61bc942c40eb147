"""What the figures mean: definitions over tallies of facts, their intervals, and the questions that are asked of them."""
