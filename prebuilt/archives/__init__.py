"""Archives from elsewhere, unpacked without trusting them."""
