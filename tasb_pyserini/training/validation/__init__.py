"""Validation while training: approximate retrieval over a baseline's candidates."""
