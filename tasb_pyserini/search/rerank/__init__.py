"""Reranking of a run's first hits by models that read query and passage together."""
