"""The tasb command, one file per sub-command."""
