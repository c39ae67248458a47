"""A pipeline's YAML file, checked before any work."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tasb_pyserini.bindings.topics import named_topics
from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.qrels import check_qids, read_qrels
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.formats.section import Section
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.formats.yaml_file import read_yaml
from tasb_pyserini.search.pipeline.read_stages import KINDS
from tasb_pyserini.search.pipeline.stages import Pipeline, Stage, sources

KEYS = ("topics", "qrels", "measures", "relevance_level", "stages")
MEASURES = ("nDCG@10", "RR@10", "R@1000")
"""Those of the TAS-B paper's Table 7."""

NAME = re.compile(r"[\w.+-]+", re.ASCII)


def read_pipeline(path: Path) -> Pipeline:
    """Read a pipeline, its topics and its qrels; paths are relative to its folder.

    Raises
    ------
    InputError
        If the file is not YAML, or a key is unknown, missing or of the wrong kind.
    TasbError
        If a file, index or checkpoint that it names is not there, or a stage reads
        one that does not come before it.
    """
    section = read_yaml(path)
    section.refuse_unknown(KEYS)
    stages = _read_stages(section, path.parent)
    topics = _read_topics(section, path.parent)
    qrels = None
    if "qrels" in section.values:
        place = path.parent / Path(section.text("qrels")).expanduser()
        if not place.is_file():
            raise section.error("qrels", f"qrels {place}: no such file")
        qrels = read_qrels(place)
        check_qids(place, qrels, topics)
    return Pipeline(
        topics=topics,
        qrels=qrels,
        measures=_read_measures(section),
        relevance_level=section.count("relevance_level", 1),
        stages=stages,
    )


def _read_topics(section: Section, base: Path) -> Topics:
    name = section.text("topics")
    place = base / Path(name).expanduser()
    if place.exists():
        return read_topics(place)
    return section.at("topics", lambda: named_topics(name))


def _read_measures(section: Section) -> tuple[Measure, ...]:
    names = section.texts("measures", MEASURES)
    parsed = [section.at("measures", partial(Measure.parse, n)) for n in names]
    return tuple(dict.fromkeys(parsed))


def _read_stages(section: Section, base: Path) -> tuple[Stage, ...]:
    items = section.values.get("stages")
    if not isinstance(items, list) or not items:
        expected = "a list of stages, such as '- bm25: {index: FOLDER}'"
        raise section.fault("stages", "no stages", expected)
    stages: dict[str, Stage] = {}
    for item in items:
        if not isinstance(item, Section) or len(item.values) != 1:
            expected = f"one of {', '.join(KINDS)}, with its settings in braces"
            where = item if isinstance(item, Section) else section
            raise where.fault("stages", "not a stage", expected)
        stage = _read_stage(item, base, stages)
        stages[stage.name] = stage
    return tuple(stages.values())


def _read_stage(item: Section, base: Path, before: Mapping[str, Stage]) -> Stage:
    item.refuse_unknown(KINDS, "stage")
    [(kind, settings)] = item.values.items()
    if not isinstance(settings, Section):
        raise item.fault(kind, f"{kind} without settings", "some, such as {hits: 100}")
    keys, read = KINDS[kind]
    settings.refuse_unknown(keys, f"key of {kind}")
    stage = settings.at("", lambda: read(settings, base, before))
    if not NAME.fullmatch(stage.name):
        problem = f"name {stage.name!r}"
        raise settings.fault("name", problem, "letters, digits and _ . + -")
    if stage.name in before:
        problem = f"a second stage {stage.name!r}"
        raise settings.fault("name", problem, "another 'name' for one of them")
    for name in sources(stage):
        if name not in before:
            known = ", ".join(before) or "none"
            expected = f"stages above it ({known})"
            raise settings.fault("of", f"of {name!r}", expected)
    return stage
