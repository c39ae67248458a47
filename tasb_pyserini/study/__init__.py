"""The papers' experiments in miniature: run, recorded, tested and reported."""
