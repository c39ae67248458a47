"""What runs a model: PyTorch, ONNX Runtime or OpenVINO."""
