"""Passages by the number of their shard, from texts that can only be streamed."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.shards import Manifest

Texts = Iterable[tuple[str, str]]
"""Ids with texts."""


class ShardReader:
    """Reads shards; no more than one of them is in memory.

    Shards asked for in ascending order are one pass over the texts; what lies between
    is read, but not kept. An earlier one starts a new pass.

    Parameters
    ----------
    texts
        Starts a pass over all that `manifest` counts.
    manifest
        Says how many passages each shard has.
    """

    def __init__(self, texts: Callable[[], Texts], manifest: Manifest) -> None:
        self._texts = texts
        self.manifest = manifest
        self._stream: Iterator[tuple[str, str]] = iter(())
        self._next = manifest.shards

    def read(self, number: int) -> tuple[list[str], list[str]]:
        """Return the ids and the texts of a shard.

        Raises
        ------
        TasbError
            If there are fewer than the manifest says.
        """
        if number < self._next:
            self._stream, self._next = iter(self._texts()), 0
        skipped = (number - self._next) * self.manifest.shard_size
        expected = self.manifest.shard_passages(number)
        shard = list(islice(self._stream, skipped, skipped + expected))
        self._next = number + 1
        if len(shard) != expected:
            raise TasbError(
                f"shard {number + 1} of {self.manifest.shards}: {len(shard)} passages "
                f"where {expected} were counted; has the collection changed? "
                "Encode it into a new folder"
            )
        return [docid for docid, _ in shard], [text for _, text in shard]
