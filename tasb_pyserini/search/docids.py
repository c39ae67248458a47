"""The ``docid`` file of an index: one id a line, in the order of the vectors."""

from pathlib import Path

from tasb_pyserini.formats.errors import InputError


def read_docids(path: Path) -> list[str]:
    r"""Return the ids, without whitespace at their ends, as Pyserini reads them.

    Parameters
    ----------
    path
        A file of one id a line; the last may lack its line end.

    Raises
    ------
    InputError
        If a line is not UTF-8.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "docid"
    >>> _ = path.write_bytes(b"d1\nd2")
    >>> read_docids(path)
    ['d1', 'd2']
    """
    content = path.read_bytes()
    try:
        lines = content.decode().split("\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = f"byte {content[error.start]:#04x}"
        raise InputError(
            path, line, problem, "UTF-8 text", "build the index again"
        ) from error
    if not lines[-1]:
        del lines[-1]
    return [line.rstrip() for line in lines]
