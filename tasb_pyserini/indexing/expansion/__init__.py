"""Document expansion: queries that a passage may answer, generated and appended."""
