"""What an operator does with keys and data: change them, copy them, bring them back, check them."""
