"""What decides how a student learns: the numbers of a training run."""

import math
from dataclasses import dataclass
from typing import Literal, get_args, get_origin, get_type_hints

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.sampling.queries import ShortClusters
from tasb_pyserini.training.sampling.sampler import Sampling, Strategy

MixedPrecision = Literal["no", "bf16", "fp16"]
Schedule = Literal["cosine", "constant"]
PairLoss = Literal["none", "margin-mse"]
InBatchLoss = Literal[
    "none", "contrastive", "margin-mse", "kl-divergence", "listnet", "lambda", "tct-kl"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """The settings of one training run.

    Defaults are those of the authors' code (matchmaker's ``config/train/defaults.yaml``
    and ``modes/tas_balanced.yaml``) where it has one, but for sampling and losses,
    which are those of the standalone baseline (TAS-B paper, Table 4, 'None / Random').

    Parameters
    ----------
    steps
        Updates of the weights; the authors stop at 700,000 to 850,000.
    batch_size
        Queries a batch, each with its two passages.
    learning_rate
        Highest learning rate of Adam. 7e-6 suits a pre-trained model; one that starts
        from nothing needs about a hundred times as much.
    schedule
        ``cosine``: to zero at the last step, as the authors ran it; ``constant``: as
        the paper has it.
    warmup_steps
        Updates over which the learning rate rises to its highest.
    max_grad_norm
        Gradients longer than this are scaled down to it.
    mixed_precision
        What the transformer computes in; scores and losses are fp32 in any case.
    seed
        Of batches and dropout.
    strategy, clusters_per_batch, short_clusters, bins, max_margin
        How batches are drawn; see
        :class:`~tasb_pyserini.training.sampling.sampler.Sampling`.
    pair_loss
        ``margin-mse``: a query's own two passages against the pairwise teacher's
        scores, which the pairs must have.
    in_batch_loss
        All passages of the batch; but for ``contrastive``, whose labels are binary,
        against a live ColBERT.
    in_batch_weight
        Of the in-batch loss where there are both (TAS-B paper, eq. 8).
    normalisation
        Of in-batch Margin-MSE and of LambdaLoss: the authors' code, or the equation.
    temperature
        Of the teacher in ``tct-kl``.
    encode_query
        ``twice``: once for each passage of the pair, under another dropout, as the
        authors' code; ``once`` saves a third of the texts.
    teacher_masks
        [MASK] tokens that ColBERT reads behind each query; the authors add none.
    accumulate
        Batches an update.
    cache_chunk
        Pairs that are encoded with a gradient at a time, for batches larger than
        memory; 0: the whole batch.
    refresh_every
        Updates between two draws of new negatives from the model's own top passages
        (ANCE, Xiong et al., ICLR 2021; training waits for them here); 0: the pairs stay
        as they were given. New pairs have no teacher scores, so it is for losses and
        strategies that need none.
    refresh_depth, refresh_skip
        New negatives come from the ranks ``refresh_skip + 1`` to `refresh_depth`, but
        for the query's positives; 200 as in ANCE's code and TCT-ColBERT (§4.1.2).
    refresh_negatives
        How many each positive of a query then meets.
    gather
        Whether several processes share their in-batch negatives.
    compile
        Whether the transformer is compiled.
    validate_every
        Updates between two validations.
    patience
        Validations without improvement after which training stops.
    stop_not_before
        First update at which it may.
    keep
        How many of the best checkpoints are kept.
    checkpoint_every
        Updates between two saved states, from which a killed run goes on.
    log_every
        Updates between two lines of the log.

    Raises
    ------
    TasbError
        If a value is out of range, or two do not go together.
    """

    steps: int
    batch_size: int = 32
    learning_rate: float = 7e-6
    schedule: Schedule = "cosine"
    warmup_steps: int = 0
    max_grad_norm: float = 10_000.0
    mixed_precision: MixedPrecision = "no"
    seed: int = 42
    strategy: Strategy = "random"
    clusters_per_batch: int = 1
    short_clusters: ShortClusters = "fill"
    bins: int = 10
    max_margin: float = 6.0
    pair_loss: PairLoss = "none"
    in_batch_loss: InBatchLoss = "contrastive"
    in_batch_weight: float = 1.0
    normalisation: Literal["code", "equation"] = "code"
    temperature: float = 0.25
    encode_query: Literal["once", "twice"] = "once"
    teacher_masks: int = 0
    accumulate: int = 1
    cache_chunk: int = 0
    refresh_every: int = 0
    refresh_depth: int = 200
    refresh_skip: int = 0
    refresh_negatives: int = 10
    gather: bool = False
    compile: bool = False
    validate_every: int = 4_000
    patience: int = 30
    stop_not_before: int = 300_000
    keep: int = 1
    checkpoint_every: int = 1_000
    log_every: int = 50

    def __post_init__(self) -> None:
        for name in AT_LEAST_ONE:
            if getattr(self, name) < 1:
                raise _out_of_range(name, getattr(self, name), "at least 1")
        for name in ABOVE_ZERO:
            if not 0 < getattr(self, name) < math.inf:
                raise _out_of_range(name, getattr(self, name), "a number above 0")
        for name in AT_LEAST_ZERO:
            if getattr(self, name) < 0:
                raise _out_of_range(name, getattr(self, name), "at least 0")
        if not 0 <= self.warmup_steps < self.steps:
            expected = f"at least 0 and fewer than the {self.steps} steps"
            raise _out_of_range("warmup_steps", self.warmup_steps, expected)
        if not 0 <= self.seed < 2**63:
            raise _out_of_range("seed", self.seed, "0 to 2**63 - 1")
        if self.pair_loss == "none" and self.in_batch_loss == "none":
            raise TasbError("pair_loss none, in_batch_loss none: expected one or both")
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise _out_of_range(name, getattr(self, name), " or ".join(choices))
        if self.refresh_skip >= self.refresh_depth:
            expected = f"fewer than refresh_depth, {self.refresh_depth}"
            raise _out_of_range("refresh_skip", self.refresh_skip, expected)
        if self.refresh_every:
            self._check_refresh()

    def _check_refresh(self) -> None:
        """Refuse to draw new negatives where only scored ones can be learned from."""
        for name, unscored in (
            ("pair_loss", ("none",)),
            ("strategy", ("random", "tas")),
        ):
            if (found := getattr(self, name)) not in unscored:
                raise TasbError(
                    f"refresh_every {self.refresh_every} with {name} {found}: new "
                    f"negatives have no teacher scores; expected {name} "
                    f"{' or '.join(unscored)}, or refresh_every 0 and pairs of 'tasb "
                    "refresh --teacher', which scores them"
                )

    @property
    def needs_colbert(self) -> bool:
        """Whether a live in-batch teacher gives scores."""
        return self.in_batch_loss not in ("none", "contrastive")

    @property
    def sampling(self) -> Sampling:
        """How batches are drawn."""
        return Sampling(
            strategy=self.strategy,
            batch_size=self.batch_size,
            seed=self.seed,
            n_clusters=self.clusters_per_batch,
            short_clusters=self.short_clusters,
            n_bins=self.bins,
            max_margin=self.max_margin,
        )


ABOVE_ZERO = ("learning_rate", "max_grad_norm", "in_batch_weight", "temperature")
AT_LEAST_ONE = (
    "steps",
    "batch_size",
    "clusters_per_batch",
    "bins",
    "refresh_depth",
    "refresh_negatives",
    "accumulate",
    "validate_every",
    "patience",
    "keep",
    "checkpoint_every",
    "log_every",
)
AT_LEAST_ZERO = (
    "teacher_masks",
    "cache_chunk",
    "refresh_every",
    "refresh_skip",
    "stop_not_before",
)
CHOICES: dict[str, tuple[str, ...]] = {
    name: get_args(hint)
    for name, hint in get_type_hints(TrainingConfig).items()
    if get_origin(hint) is Literal
}
"""Setting → its values, for those that have a few."""


def _out_of_range(name: str, value: object, expected: str) -> TasbError:
    return TasbError(f"{name} {value}: expected {expected}")
