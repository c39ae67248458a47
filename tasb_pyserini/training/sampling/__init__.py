"""Which pairs make up a batch: random, TAS, TAS-Balanced, with a cut-off."""
