"""Checkpoints in the form of matchmaker, in which the authors publish teachers."""
