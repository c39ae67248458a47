"""The setuptools command that installs the start-up hook."""

from pathlib import Path
from typing import cast

from setuptools.command.build_py import build_py
from setuptools.command.install import install

STARTUP_FILES = sorted((Path(__file__).parent / "site").glob("tasb_pyserini.*"))


class BuildPy(build_py):
    """``build_py`` that also puts the start-up files at the root of site-packages.

    Python reads a ``.pth`` file there at every start; from 3.15 on (PEP 829) a
    ``.start`` file of the same name takes its place. Both end up in the wheel's
    RECORD, so uninstalling removes them.
    """

    def run(self) -> None:
        """Build the package, then copy the start-up files beside it."""
        super().run()
        root = self.build_lib
        if self.editable_mode:
            # Where setuptools unpacks the wheel of an editable installation.
            root = cast(install, self.get_finalized_command("install")).install_lib
        for file in STARTUP_FILES:
            self.copy_file(str(file), root)
