"""From numbers of queries and pairs to padded tensors, composed ahead by workers."""
