"""From text to vector: what TAS-B is, and the code that runs it."""

import os

# The last bit of a product must not depend on how many threads shared it: MKL's
# conditional numerical reproducibility, which it reads when PyTorch first asks for one.
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")
