"""Pseudo-relevance feedback on vectors: a query moves towards its best passages."""
