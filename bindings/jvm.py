"""The JVM that Anserini runs in, started before Pyserini would start it.

Pyserini leaves the choice of Java to pyjnius, which takes whatever ``javac`` is on the
PATH, and asks for the module ``jdk.incubator.vector``, which the pip-installable Java
lacks. Pyserini itself goes on where a JVM already runs.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from glob import glob
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import jnius_config

from tasb_pyserini.bindings.java import (
    VECTOR_MODULE,
    JavaChoice,
    bundled_java,
    choose_java,
    installed_javas,
    version_numbers,
)
from tasb_pyserini.formats.errors import TasbError, first_line

WARNS_OF_UNSAFE = (24,)
"""From this Java on, Lucene 9's way to map files brings four lines of warnings."""

LOGGING = Path(__file__).parent.resolve() / "logging.properties"
"""Keeps warnings of Java's own logging off the terminal."""


def prepare_jvm(module: ModuleType) -> None:
    """Start the JVM before `module`, which would start one, runs."""
    start_jvm()


def prepare_trec_eval(module: ModuleType) -> None:
    """Start the JVM before `module` runs, and put the same Java first in the PATH.

    Pyserini's trec_eval starts the program ``java`` beside the JVM that it asks for.
    """
    start_jvm()
    folder = str(find_java().home / "bin")
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if path[0] != folder:
        os.environ["PATH"] = os.pathsep.join([folder, *path])


def start_jvm(*, brief: bool = False) -> None:
    """Start the JVM with Anserini in it, unless one runs.

    Options and classpath that were put into ``jnius_config`` before are kept.

    Parameters
    ----------
    brief
        Whether it is for some hundred queries: to compile them well would take Java
        longer than it saves.

    Raises
    ------
    TasbError
        If there is no fitting Java, no Anserini, or the JVM does not start.
    """
    if jnius_config.vm_running:
        return
    java = find_java()
    jar = anserini_jar()
    jnius_config.add_classpath(str(jar))
    jnius_config.add_options(*jvm_options(java, os.environ))
    if brief:
        jnius_config.add_options("-XX:TieredStopAtLevel=1")
    with java_environment(java.home), captured_stderr() as said:
        try:
            import jnius  # noqa: F401 - importing it starts the JVM
        except (ImportError, OSError, RuntimeError, SystemError) as error:
            output = " ".join(said.read_text(errors="replace").split())
            raise TasbError(
                f"Java {java.version} in {java.home} ({java.reason}) did not start: "
                f"{output or first_line(error)}; set JAVA_HOME to a Java made for this "
                "machine"
            ) from error


def index_buffer() -> int:
    """Return the MB that an indexer may gather in memory, a third of Java's at most.

    Anserini's 4 GB are more than a small machine gives Java.
    """
    start_jvm()
    from jnius import autoclass

    heap = int(autoclass("java.lang.Runtime").getRuntime().maxMemory()) >> 20
    return min(4096, heap // 3)


def find_java() -> JavaChoice:
    """Choose a Java for this machine and environment.

    Raises
    ------
    TasbError
        If there is none of version 21 or newer.
    """
    return choose_java(os.environ, installed_javas(os.environ), bundled_java())


def anserini_jar() -> Path:
    """Return Anserini's jar: in ``ANSERINI_CLASSPATH``, else in Pyserini.

    Of several, the one that was put there last, as Pyserini chooses.

    Raises
    ------
    TasbError
        If there is none.
    """
    folder = os.environ.get("ANSERINI_CLASSPATH")
    if folder is None:
        pyserini = find_spec("pyserini")
        if pyserini is None or not pyserini.submodule_search_locations:
            raise TasbError("Pyserini is not installed; run: pip install tasb-pyserini")
        package = pyserini.submodule_search_locations[0]
        folder = os.path.join(package, "resources", "jars")
    jars = glob(os.path.join(folder, "anserini-*-fatjar.jar"))
    if not jars:
        raise TasbError(
            f"{folder}: no anserini-*-fatjar.jar; install Pyserini from its wheel "
            "or set ANSERINI_CLASSPATH to the folder of the jar"
        )
    return Path(max(jars, key=os.path.getctime))


def jvm_options(java: JavaChoice, environ: Mapping[str, str]) -> list[str]:
    """Return the options of Pyserini 2.4's ``_jvm.py``, as far as `java` knows them."""
    # -Xrs leaves Ctrl-C to Python; Java would end the process under its feet.
    options = ["-Xrs", "--enable-native-access=ALL-UNNAMED"]
    if java.has_vector_module:
        options.append(f"--add-modules={VECTOR_MODULE}")
    if not environ.get("PYSERINI_VERBOSE_JVM"):
        options.append("-Dslf4j.internal.verbosity=WARN")
        if version_numbers(java.version) >= WARNS_OF_UNSAFE:
            options.append("--sun-misc-unsafe-memory-access=allow")
        options.append(f"-Djava.util.logging.config.file={LOGGING}")
    return options


@contextmanager
def java_environment(home: Path) -> Iterator[None]:
    """Show pyjnius `home`, and nothing else, in the environment for a while."""
    before = {name: os.environ.get(name) for name in ("JAVA_HOME", "JVM_PATH")}
    os.environ["JAVA_HOME"] = str(home)
    if not Path(before["JVM_PATH"] or "").is_relative_to(home):
        os.environ.pop("JVM_PATH", None)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def captured_stderr() -> Iterator[Path]:
    """Keep what the JVM says while it starts in a file, off the terminal.

    ``PYSERINI_VERBOSE_JVM`` lets it through, as in Pyserini 2.
    """
    with tempfile.NamedTemporaryFile(prefix="tasb-jvm-") as file:
        if os.environ.get("PYSERINI_VERBOSE_JVM"):
            yield Path(file.name)
            return
        sys.stderr.flush()
        saved = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield Path(file.name)
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)
