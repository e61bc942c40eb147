"""What the words of a customer hint at: displeasure, anger, a threat to go elsewhere, danger to a person. Hints only ever raise."""
