"""Run a module of Pyserini's without the ``MKL_CBWR`` that we set for it.

``python benchmarks/stock.py pyserini.encode …`` is ``python -m pyserini.encode …`` on
the Java that we find for it.
"""

import os
import runpy
import sys

import tasb_pyserini.encoders  # noqa: F401  # sets it, and no more from here on

if __name__ == "__main__":
    del os.environ["MKL_CBWR"]  # MKL reads it when first used
    sys.path[0] = os.getcwd()  # as with -m
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
