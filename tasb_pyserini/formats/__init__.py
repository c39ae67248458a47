"""Readers and writers of collections, topics, qrels, runs and triples."""
