"""Where shards are encoded: in this process, in several, or on several machines."""
