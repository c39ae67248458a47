"""Fusion of runs: normalise, fill in what a list lacks, combine, order."""
