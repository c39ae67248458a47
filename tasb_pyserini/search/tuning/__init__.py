"""Tuning of fusion: the weight of the sparse side that is best on some queries.

Fused scores are lines in the weight w of the sparse side, ``w · sparse + dense``, so
the ranking of a query changes only where two lines cross. From the crossings of
relevant documents the measure follows exactly, for every weight at once, without a
grid.
"""
