"""Numbers of bytes, for people."""


def size_in_words(count: int | None) -> str:
    """Return a number of bytes in powers of 1000: a GB is 10⁹ bytes.

    Examples
    --------
    >>> size_in_words(25_162_329_450), size_in_words(7), size_in_words(None)
    ('25.2 GB', '7 B', '?')
    """
    if count is None:
        return "?"
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
