"""Losses: pure functions on scores, one a file.

A score matrix of a batch has shape ``(batch, 2 · batch)``: row i belongs to query i;
columns 0 … batch - 1 are the relevant passages of the batch, columns batch …
2 · batch - 1 the non-relevant ones. Query i's own are columns i and batch + i.
Scores of two, four or eight bytes go in; the arithmetic is fp32 or wider.
"""
