"""From a run and qrels to measures."""
