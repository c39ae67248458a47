"""Measures with their relevance level, as ir_measures prints them."""

import re
from dataclasses import dataclass

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.errors import TasbError

FORM = re.compile(r"([A-Za-z_]+)(?:\(rel=([0-9]{1,4})\))?(@[0-9]+[kK]?)?")


@dataclass(frozen=True, slots=True)
class Metric:
    """A measure, and the lowest grade that it counts as relevant.

    Parameters
    ----------
    measure
        What trec_eval computes.
    level
        ``trec_eval -l``; always 1 for nDCG, whose gains are the grades.

    Examples
    --------
    >>> metric = Metric.parse("R(rel=2)@1000")
    >>> metric.level, str(metric)
    (2, 'R(rel=2)@1000')
    >>> Metric.parse("RR@10").trec_eval
    ['-c', '-M', '10', '-m', 'recip_rank']
    """

    measure: Measure
    level: int = 1

    def __str__(self) -> str:
        return self.measure.at_level(self.level)

    @classmethod
    def parse(cls, text: str) -> "Metric":
        """Return the metric of a name such as ``nDCG@10`` or ``AP(rel=2)``.

        Raises
        ------
        TasbError
            If there is no such measure, or ir_measures would print it otherwise.
        """
        match = FORM.fullmatch(text)
        if match is None:
            return cls(Measure.parse(text))
        name, level, cutoff = match.groups()
        metric = cls(Measure.parse(name + (cutoff or "")), int(level or 1))
        if metric.level > 1 and metric.measure.name == "nDCG":
            problem = f"measure {text!r}: nDCG takes every grade as its gain"
            raise TasbError(f"{problem}; expected {metric.measure}")
        if str(metric) != text:
            raise TasbError(
                f"measure {text!r}: expected the name that ir_measures prints, {metric}"
            )
        return metric

    @property
    def trec_eval(self) -> list[str]:
        """The options of trec_eval that compute it."""
        options = ["-c"]
        if self.level > 1:
            options += ["-l", str(self.level)]
        if self.measure.name == "RR" and self.measure.cutoff is not None:
            options += ["-M", str(self.measure.cutoff)]
        # trec_eval's command line writes ndcg_cut.10 for what it prints as ndcg_cut_10.
        name = re.sub(r"_([0-9]+)$", r".\1", self.measure.trec_eval_name)
        return [*options, "-m", name]
