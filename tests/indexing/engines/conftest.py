import pytest

from tasb_pyserini.indexing.engines.worker import EncoderSource
from tests.checkpoints import make_checkpoint


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> EncoderSource:
    folder = make_checkpoint(tmp_path_factory.mktemp("m") / "m", dimension=128)
    return EncoderSource(f"tasb:torch:{folder}", device="cpu")
