"""New hard negatives in training, from the model's own top passages."""
