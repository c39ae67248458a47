"""From triples to a checkpoint."""
