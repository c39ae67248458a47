import os
from pathlib import Path

import pytest

from tasb_pyserini.bindings.java import JavaChoice
from tasb_pyserini.bindings.jvm import (
    LOGGING,
    anserini_jar,
    java_environment,
    jvm_options,
)
from tasb_pyserini.formats.errors import TasbError
from tests.bindings.conftest import Python


def java(version: str, *, vector: bool) -> JavaChoice:
    return JavaChoice(Path("/java"), version, "because", vector)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (
            java("21.0.2", vector=False),
            [
                "-Xrs",
                "--enable-native-access=ALL-UNNAMED",
                "-Dslf4j.internal.verbosity=WARN",
            ],
        ),
        (
            java("25", vector=True),
            [
                "-Xrs",
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-Dslf4j.internal.verbosity=WARN",
                "--sun-misc-unsafe-memory-access=allow",
            ],
        ),
    ],
)
def test_options_are_those_that_the_java_knows(
    choice: JavaChoice, expected: list[str]
) -> None:
    logging = f"-Djava.util.logging.config.file={LOGGING}"
    assert jvm_options(choice, {}) == [*expected, logging]


def test_verbose_keeps_every_message_of_java() -> None:
    option = f"-Djava.util.logging.config.file={LOGGING}"
    assert LOGGING.is_file()
    assert option in jvm_options(java("21", vector=True), {})
    verbose = jvm_options(java("21", vector=True), {"PYSERINI_VERBOSE_JVM": "1"})
    assert option not in verbose
    assert "-Dslf4j.internal.verbosity=WARN" not in verbose


@pytest.mark.parametrize(
    ("before", "during"),
    [
        ({}, {"JAVA_HOME": "/java"}),
        ({"JAVA_HOME": "/old"}, {"JAVA_HOME": "/java"}),
        (
            {"JAVA_HOME": "/old", "JVM_PATH": "/old/lib/libjvm.so"},
            {"JAVA_HOME": "/java"},
        ),
        (
            {"JVM_PATH": "/java/lib/libjvm.so"},
            {"JAVA_HOME": "/java", "JVM_PATH": "/java/lib/libjvm.so"},
        ),
    ],
)
def test_the_environment_is_as_before_once_the_jvm_runs(
    monkeypatch: pytest.MonkeyPatch, before: dict[str, str], during: dict[str, str]
) -> None:
    def java_variables() -> dict[str, str]:
        names = ("JAVA_HOME", "JVM_PATH")
        return {name: os.environ[name] for name in names if name in os.environ}

    for name in ("JAVA_HOME", "JVM_PATH"):
        monkeypatch.delenv(name, raising=False)
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    with java_environment(Path("/java")):
        assert java_variables() == during
    assert java_variables() == before


def test_the_latest_jar_of_the_folder_that_the_user_names_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSERINI_CLASSPATH", str(tmp_path))
    with pytest.raises(TasbError, match=r"no anserini-\*-fatjar.jar.*ANSERINI_CLASS"):
        anserini_jar()
    jar = tmp_path / "anserini-9.9.9-fatjar.jar"
    jar.touch()
    assert anserini_jar() == jar


@pytest.mark.pyserini
def test_a_java_home_that_is_too_old_does_not_stop_pyserini(
    python: Python, tmp_path: Path
) -> None:
    (tmp_path / "release").write_text('JAVA_VERSION="17.0.15"\n')
    code = """
import os
import jnius_config
jnius_config.add_options("-Dmine=kept")
import pyserini.eval.trec_eval  # starts a JVM of its own if nobody else did
import pyserini.pyclass
from tasb_pyserini.bindings.jvm import start_jvm
start_jvm()
system = pyserini.pyclass.autoclass("java.lang.System")
print(system.getProperty("java.version").split(".")[0])
print(system.getProperty("mine"), os.environ["JAVA_HOME"])
"""
    done = python("-c", code, JAVA_HOME=str(tmp_path))
    version, rest = done.stdout.splitlines()
    assert int(version) >= 21
    assert rest == f"kept {tmp_path}"
    assert done.stderr == ""


@pytest.mark.pyserini
@pytest.mark.parametrize("on_path", ["old", "none"])
def test_trec_eval_runs_whatever_java_is_on_the_path(
    python: Python, tmp_path: Path, on_path: str
) -> None:
    """RR of query 1, whose relevant passage is second, is 1/2; of query 2 it is 1."""
    (tmp_path / "bin").mkdir()
    if on_path == "old":
        program = tmp_path / "bin" / "java"
        program.write_text("#!/bin/sh\necho I am Java 17 >&2\nexit 1\n")
        program.chmod(0o755)
        (tmp_path / "release").write_text('JAVA_VERSION="17.0.15"\n')
    qrels, run = tmp_path / "qrels.txt", tmp_path / "run.txt"
    qrels.write_text("1 0 d1 1\n2 0 d2 1\n")
    run.write_text("1 Q0 d2 1 2.0 t\n1 Q0 d1 2 1.0 t\n2 Q0 d2 1 1.0 t\n")
    words = ("-c", "-M", "10", "-m", "recip_rank", qrels, run)
    path = str(tmp_path / "bin")
    done = python("-m", "pyserini.eval.trec_eval", *words, PATH=path, JAVA_HOME="")
    assert done.stdout.split() == ["recip_rank", "all", "0.7500"]
    assert done.stderr == ""


@pytest.mark.pyserini
def test_a_java_that_does_not_start_is_one_clear_error(
    python: Python, tmp_path: Path
) -> None:
    (tmp_path / "release").write_text('JAVA_VERSION="21.0.2"\n')
    done = python("-c", "import pyserini.pyclass", check=False, JAVA_HOME=str(tmp_path))
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    error = "tasb_pyserini.formats.errors.TasbError"
    java = f"Java 21.0.2 in {tmp_path} (JAVA_HOME names it)"
    assert last.startswith(f"{error}: {java} did not start: Unable to find libjvm")
    assert last.endswith("; set JAVA_HOME to a Java made for this machine")


@pytest.mark.pyserini
def test_what_the_jvm_says_about_a_wrong_option_is_in_the_error(python: Python) -> None:
    code = """
import jnius_config
jnius_config.add_options("-Xnonsense")
import pyserini.pyclass
"""
    done = python("-c", code, check=False)
    assert done.returncode == 1
    assert "did not start: Unrecognized option: -Xnonsense;" in done.stderr


@pytest.mark.pyserini
def test_ctrl_c_stays_pythons_once_the_jvm_runs(python: Python) -> None:
    done = python(
        "-c",
        "import os, signal, time\n"
        # Shells start background jobs with SIGINT ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from tasb_pyserini.bindings.jvm import start_jvm\n"
        "start_jvm()\n"
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGINT); time.sleep(5)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n",
    )
    assert done.stdout == "interrupted\n"
