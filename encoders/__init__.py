"""From text to vector: what TAS-B is, and the code that runs it."""

import os
import sys

# The last bit of a product must not depend on how many threads shared it: MKL's
# conditional numerical reproducibility, which it reads when PyTorch first asks for one.
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")

# Imported, ONNX Runtime and OpenVINO would report to Microsoft and to Google Analytics
# that they are used. OpenVINO has no switch; where this module is absent, it is silent.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # typeshed
