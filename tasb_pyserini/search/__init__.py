"""Dense, sparse and hybrid search."""
