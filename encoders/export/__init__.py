"""From a checkpoint to one ONNX file that gives vectors, proven before it is kept."""
