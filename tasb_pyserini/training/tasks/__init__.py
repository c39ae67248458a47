"""What can be trained, each with its own way from a batch to losses."""
