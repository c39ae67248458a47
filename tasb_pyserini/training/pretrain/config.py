"""What decides how an encoder is pre-trained."""

from dataclasses import dataclass
from typing import Literal, get_args

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.config import MixedPrecision, TrainingConfig

Contrastive = Literal["none", "ict", "halves"]

SHORTEST_PASSAGE = 16
"""Least `max_length`, in tokens."""

MEASURES = 10
"""How often a stage is measured on held-out passages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainingConfig:
    """The settings of a pre-training: masked words first, then pairs of texts.

    Defaults are what served best in minutes on two cores (``docs/pretraining.md``);
    masked words pay with many more steps.

    Parameters
    ----------
    steps
        Updates of masked language modelling; 0 leaves it out.
    batch_size
        Passages a batch, in both stages; in the second each brings a text of its own.
    learning_rate, warmup_steps
        Highest learning rate of Adam, and the updates of each stage over which it
        rises; after them it falls to zero along a cosine.
    max_length
        Most tokens of a text, special tokens included; a longer passage is read in
        parts.
    mask_rate
        Share of the tokens that are to be predicted (Devlin et al., 2019: .15).
    contrastive
        The second stage: ``ict``, a sentence finds the rest of its passage (inverse
        cloze task, Lee et al., ACL 2019); ``halves``, a title finds its body, or the
        first half of a passage without a title the second.
    contrastive_steps
        Updates of the second stage.
    mixed_precision
        What the transformer computes in; losses are fp32.
    seed
        Of batches, masks, pairs, dropout and new weights.

    Raises
    ------
    TasbError
        If a value is out of range.
    """

    steps: int = 0
    batch_size: int = 64
    learning_rate: float = 2e-4
    warmup_steps: int = 20
    max_length: int = 128
    mask_rate: float = 0.15
    contrastive: Contrastive = "ict"
    contrastive_steps: int = 600
    mixed_precision: MixedPrecision = "no"
    seed: int = 42

    def __post_init__(self) -> None:
        if self.contrastive not in get_args(Contrastive):
            expected = ", ".join(get_args(Contrastive))
            raise TasbError(f"contrastive {self.contrastive}: expected {expected}")
        if self.steps < 0 or (self.steps == 0 and self.contrastive == "none"):
            raise TasbError(
                f"steps {self.steps}: expected at least 1, or 0 and a contrastive stage"
            )
        if not 0 < self.mask_rate < 1:
            raise TasbError(
                f"mask_rate {self.mask_rate}: expected a number between 0 and 1"
            )
        if self.max_length < SHORTEST_PASSAGE:
            raise TasbError(
                f"max_length {self.max_length}: expected at least {SHORTEST_PASSAGE}"
            )
        if self.contrastive != "none" and self.batch_size < 2:
            raise TasbError(
                f"batch_size {self.batch_size}: expected at least 2, as the other "
                "passages of a batch are the negatives"
            )
        for steps in self.stages.values():
            self.training(steps)

    @property
    def stages(self) -> dict[str, int]:
        """The stages' names and updates, in order."""
        stages = {"mlm": self.steps, self.contrastive: self.contrastive_steps}
        return {name: n for name, n in stages.items() if name != "none" and n}

    def training(self, steps: int) -> TrainingConfig:
        """Return the settings that the training loop of a stage reads."""
        return TrainingConfig(
            steps=steps,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            warmup_steps=self.warmup_steps,
            max_grad_norm=1.0,
            mixed_precision=self.mixed_precision,
            seed=self.seed,
            validate_every=max(1, steps // MEASURES),
            stop_not_before=steps,
            patience=MEASURES + 1,
            checkpoint_every=100,
        )
