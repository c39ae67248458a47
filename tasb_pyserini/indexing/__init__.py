"""From vectors on disk to index directories that Pyserini opens."""
