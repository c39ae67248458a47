"""Recipes: named settings, every value with its source; and what reads them."""
