"""Scored passage pairs on disk: the store, its importers, what it holds."""
