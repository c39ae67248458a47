"""Scores of (query, passage) pairs by a pairwise teacher, BERT_CAT."""
