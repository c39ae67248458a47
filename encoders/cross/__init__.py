"""Cross-encoders: one score of a query and a passage read together."""
