"""Training queries grouped by topic (TAS-B §3.2, eq. 10)."""
