"""Retrieve, fuse and rerank as one YAML file says: the pipelines of Table 7."""
