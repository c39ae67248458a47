"""Training queries grouped by topic (TAS-B §3, eq. 10)."""
