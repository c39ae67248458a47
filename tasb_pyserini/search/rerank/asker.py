"""What monoT5 and duoT5 have in common: a T5, and the words that ask it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from tasb_pyserini.encoders.device import Precision
from tasb_pyserini.search.rerank.true_false import Question, TrueFalse


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks a model about passages.

    Parameters
    ----------
    model
        Answers what `words` ask.
    """

    model: TrueFalse

    words: ClassVar[tuple[str, ...]]
    """Of its prompt."""

    @classmethod
    def check(cls, location: str) -> None:
        """Raise the errors of `load` that don't take the weights to find."""
        Question.of(location, cls.words)

    @classmethod
    def load(
        cls, location: str, *, device: str = "auto", precision: Precision | None = None
    ) -> Self:
        """Load a checkpoint; see :meth:`TrueFalse.load`."""
        return cls(
            TrueFalse.load(location, cls.words, device=device, precision=precision)
        )

    @property
    def device(self) -> str:
        """Kind of device that it runs on."""
        return self.model.model.device.type

    def describe(self) -> dict[str, Any]:
        """Return all that its answers depend on."""
        return self.model.describe()
