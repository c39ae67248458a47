"""TAS-B dense retrieval for Pyserini: encoders, bindings, training, evaluation.

This module runs at every interpreter start (see ``bindings/startup.py``), so it
imports nothing.
"""

__version__ = "0.1.0"
