"""In what an exported model's weights are stored."""

from typing import Literal

Precision = Literal["fp32", "fp16", "int8"]
