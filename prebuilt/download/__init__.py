"""From URLs to one verified file: mirrors, resuming, several connections."""
