"""The YAML file of a spec, checked before any work."""

import re
from pathlib import Path

from tasb_pyserini.formats.checksum import text_sha256
from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.section import Section
from tasb_pyserini.formats.yaml_file import parse_yaml
from tasb_pyserini.regressions.commands import split_command
from tasb_pyserini.regressions.order import ordered_stages
from tasb_pyserini.regressions.spec import InputFile, PrebuiltIndex, Spec, Stage
from tasb_pyserini.regressions.target import read_target

KEYS = (
    *("name", "title", "about", "tags", "network", "minutes", "encoder", "uses"),
    *("inputs", "indexes", "stages", "targets"),
)
INPUT_KEYS = ("file", "from", "sha256", "url")
INDEX_KEYS = ("name", "md5", "size", "documents")
STAGE_KEYS = ("name", "reads", "writes", "command", "fast")

NAME = re.compile(r"[a-z0-9][a-z0-9_.+-]*")


def read_spec(path: Path) -> Spec:
    """Read a spec.

    Raises
    ------
    InputError
        If the file is not YAML, or a key is unknown, missing or of the wrong kind.
    TasbError
        If a measure is unknown, or a stage reads what nothing makes, or its own outcome
        by way of others.
    """
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise InputError(path, None, "not UTF-8", "YAML") from error
    section = parse_yaml(path, text)
    section.refuse_unknown(KEYS)
    name = _name(section)
    if path.name != f"{name}.yaml":
        raise section.fault("name", f"name {name}", f"the file's: {path.stem}")
    spec = Spec(
        path=path,
        sha256=text_sha256(text),
        name=name,
        title=section.text("title"),
        about=section.text("about", "").strip(),
        tags=section.texts("tags", ()),
        network=section.flag("network"),
        minutes=section.number("minutes", 0.0),
        encoder=section.text("encoder", ""),
        uses=section.texts("uses", ()),
        inputs=tuple(map(_input, section.sections("inputs"))),
        indexes=tuple(map(_index, section.sections("indexes"))),
        stages=tuple(map(_stage, section.sections("stages"))),
        targets=tuple(map(read_target, section.sections("targets"))),
    )
    if not spec.targets:
        raise section.fault("targets", "no targets", "at least one, with its scores")
    _refuse_twice(section, "stages", "name", [each.name for each in spec.stages])
    _refuse_twice(section, "stages", "writes", [each.writes for each in spec.stages])
    _refuse_twice(section, "targets", "name", [each.name for each in spec.targets])
    return ordered_stages(spec, section)


def _name(section: Section) -> str:
    name = section.text("name")
    if not NAME.fullmatch(name):
        expected = "small letters, digits and _ . + -"
        raise section.fault("name", f"name {name!r}", expected)
    return name


def _refuse_twice(section: Section, items: str, key: str, values: list[str]) -> None:
    for place, value in enumerate(values):
        if value in values[:place]:
            problem = f"{key} {value}, a second time in {items}"
            raise section.values[items][place].fault(key, problem, "each once")


def _input(section: Section) -> InputFile:
    section.refuse_unknown(INPUT_KEYS, "key of an input")
    return InputFile(
        file=section.inner_path("file"),
        source=section.inner_path("from"),
        sha256=_digest(section, "sha256", 64),
        url=section.text("url", ""),
    )


def _index(section: Section) -> PrebuiltIndex:
    section.refuse_unknown(INDEX_KEYS, "key of an index")
    return PrebuiltIndex(
        name=section.text("name"),
        md5=_digest(section, "md5", 32),
        size=section.count("size", 0),
        documents=section.count("documents", 0),
    )


def _stage(section: Section) -> Stage:
    section.refuse_unknown(STAGE_KEYS, "key of a stage")
    fast = section.text("fast", "")
    return Stage(
        name=_name(section),
        reads=section.texts("reads", ()),
        writes=section.inner_path("writes"),
        command=section.at("command", lambda: split_command(section.text("command"))),
        fast=section.at("fast", lambda: split_command(fast)) if fast else (),
    )


def _digest(section: Section, key: str, digits: int) -> str:
    text = section.text(key)
    if not re.fullmatch(f"[0-9a-f]{{{digits}}}", text):
        raise section.fault(key, f"{key} {text}", f"{digits} hexadecimal digits")
    return text
