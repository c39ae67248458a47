"""Between this package, Pyserini and Java."""
