"""Parts of ``tasb mine``."""
