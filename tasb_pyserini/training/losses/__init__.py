"""Losses: pure functions on vectors or scores, one a file."""
