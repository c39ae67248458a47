"""Pictures of runs, each with its numbers beside it."""
