"""Pre-training of an encoder on passages alone: masked words, then text pairs."""
