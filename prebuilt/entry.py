"""What can be fetched by name: its files, and what must be known to use them."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "faiss",
    "lucene",
    "encoded-queries",
    "topics",
    "qrels",
    "teacher-scores",
    "collection",
]

ArchiveKind = Literal["tar", "tar.gz", "tar.zst", "zip"]

ARCHIVE_SUFFIXES: dict[str, ArchiveKind] = {
    ".tar": "tar",
    ".tar.gz": "tar.gz",
    ".tgz": "tar.gz",
    ".tar.zst": "tar.zst",
    ".zip": "zip",
}
"""End of a file name → the kind of archive it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file that can be downloaded.

    Parameters
    ----------
    filename
        Its name on disk, without a folder.
    urls
        Where it is, best first.
    size
        Bytes of the file; None where no source says.
    md5, sha256
        Checksums of the file, in hexadecimal; None where no source says.
    unpacked_size
        Bytes of an archive's contents; None where no source says.
    members
        Paths of files in an archive that a source names, perhaps not all.
    """

    filename: str
    urls: tuple[str, ...]
    size: int | None = None
    md5: str | None = None
    sha256: str | None = None
    unpacked_size: int | None = None
    members: tuple[str, ...] = ()

    @property
    def archive_kind(self) -> ArchiveKind | None:
        """The kind of archive, by the file's name; None for a file kept as it is.

        A compressed single file (``.tsv.gz``) is kept as it is: readers take it so.
        """
        for suffix, kind in ARCHIVE_SUFFIXES.items():
            if self.filename.endswith(suffix):
                return kind
        return None

    @property
    def stem(self) -> str:
        """The file's name without the end that makes it an archive."""
        for suffix in ARCHIVE_SUFFIXES:
            if self.filename.endswith(suffix):
                return self.filename.removesuffix(suffix)
        return self.filename

    @property
    def digests(self) -> dict[str, str]:
        """The checksums that are known, by the names of ``hashlib``."""
        known = {"md5": self.md5, "sha256": self.sha256}
        return {name: digest for name, digest in known.items() if digest is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prebuilt:
    """What can be fetched by name: an index, queries, judgements, scores, texts.

    Parameters
    ----------
    name
        What ``--index``, ``--topics`` and the like take.
    kind
        What it is.
    description
        One line for lists.
    files
        What is downloaded, at least one; just one for an index or encoded queries.
    licence
        SPDX identifier or name of the licence; None where the publisher states none.
    terms
        Conditions of use apart from a licence, and logins that are asked for.
    citation
        Whom to cite, as the publisher asks.
    source
        Where the facts of this entry come from.
    aliases
        Further names.
    texts
        For an index, name of the Lucene index that holds its passages.
    encoder
        For vectors, the ``--encoder`` that made them.
    topics
        For encoded queries and judgements, name of the topics they belong to.
    documents, total_terms, unique_terms
        Statistics that Pyserini checks a Lucene index against.
    queries
        How many queries there are.
    verified
        Whether this project had the files and found them as the checksums say.
    """

    name: str
    kind: Kind
    description: str
    files: tuple[RemoteFile, ...]
    licence: str | None = None
    terms: str | None = None
    citation: str | None = None
    source: str | None = None
    aliases: tuple[str, ...] = ()
    texts: str | None = None
    encoder: str | None = None
    topics: str | None = None
    documents: int | None = None
    total_terms: int | None = None
    unique_terms: int | None = None
    queries: int | None = None
    verified: bool = False

    @property
    def folder_name(self) -> str:
        """Name in the cache.

        A single archive is unpacked to ``<stem>.<md5>``, Pyserini's rule
        (``util.download_and_unpack_index``); without an md5 to ``<stem>``. A single
        file keeps its name. Several files share a folder named as the entry.

        Examples
        --------
        >>> urls = ("https://example.org/i.tar.gz",)
        >>> file = RemoteFile(filename="i.tar.gz", urls=urls, md5="0" * 32)
        >>> Prebuilt(name="i", kind="faiss", description="", files=(file,)).folder_name
        'i.00000000000000000000000000000000'
        """
        if len(self.files) > 1:
            return self.name
        (file,) = self.files
        if file.archive_kind is None or file.md5 is None:
            return file.stem
        return f"{file.stem}.{file.md5}"
