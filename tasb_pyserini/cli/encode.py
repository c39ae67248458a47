"""``tasb encode``: a collection into vector shards."""

import argparse
import json
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_encoder_arguments,
    add_json_argument,
    positive_int,
)
from tasb_pyserini.encoders.backends.device import pick_device
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.encode import SHARD_SIZE, Engine, encode_collection
from tasb_pyserini.indexing.engines.processes import encode_in_processes
from tasb_pyserini.indexing.engines.ray_cluster import connected
from tasb_pyserini.indexing.engines.ray_data import encode_with_ray, for_cluster
from tasb_pyserini.indexing.engines.worker import EncoderSource


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb encode``."""
    parser.add_argument(
        "--corpus",
        required=True,
        type=Path,
        help=COLLECTION_HELP,
    )
    parser.add_argument(
        "--embeddings",
        required=True,
        type=Path,
        help="folder of the vectors; the same command again goes on where it stopped",
    )
    parser.add_argument("--encoder", default="tasb", help="tasb, tasb:FOLDER or hub id")
    add_encoder_arguments(parser)
    parser.add_argument(
        "--compile",
        action="store_true",
        help="let PyTorch compile the model first: minutes once, for GPUs",
    )
    parser.add_argument(
        "--max-length",
        type=positive_int,
        metavar="TOKENS",
        help="tokens of a passage, at most; can only lower the encoder's limit",
    )
    parser.add_argument(
        "--shard-size",
        type=positive_int,
        default=SHARD_SIZE,
        help="passages in a shard; three shards are in memory",
    )
    parser.add_argument(
        "--dtype",
        choices=("fp32", "fp16"),
        default="fp32",
        help="of the vectors on disk; fp16 takes half the room",
    )
    parser.add_argument(
        "--devices",
        type=_devices,
        metavar="DEVICE,DEVICE",
        help="one process each, such as cuda:0,cuda:1",
    )
    parser.add_argument(
        "--processes",
        type=positive_int,
        metavar="N",
        help="processes that share the work, on the CPU unless --device says otherwise",
    )
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="ray: on the machines of the Ray cluster that RAY_ADDRESS names, else on "
        "this one; all must see corpus, embeddings and encoder under the same paths",
    )
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Encode and say what there is."""
    devices = _places(args)
    source = EncoderSource(
        args.encoder,
        device=devices[0] if devices else args.device,
        fp16=args.fp16,
        compiled=args.compile,
        max_length=args.max_length,
    )
    with connected() if args.engine == "ray" else nullcontext() as ray:
        if ray is not None:
            source = for_cluster(ray, source)
        engine = _engine(args, source, devices)
        encoder = source.load() if engine is None else source.identify()
        manifest = encode_collection(
            args.corpus,
            args.embeddings,
            encoder,
            shard_size=args.shard_size,
            dtype=args.dtype,
            engine=engine,
        )
    report = {
        "embeddings": str(args.embeddings),
        "passages": manifest.passages,
        "shards": manifest.shards,
        "dimension": encoder.spec.dimension,
        "backend": manifest.backend,
        "dtype": manifest.dtype,
    }
    if args.json:
        print(json.dumps(report))
    else:
        print(
            f"{args.embeddings}: {manifest.passages:,} passages, "
            f"{encoder.spec.dimension} dimensions, {manifest.dtype}, "
            f"{manifest.shards} shard{'s' * (manifest.shards > 1)}"
        )
    return 0


def _places(args: argparse.Namespace) -> list[str]:
    """Return the device of each process, none where this one does the work."""
    if args.devices and (args.device != "auto" or args.processes):
        raise TasbError("--devices with --device or --processes: expected one of them")
    if args.engine == "ray":
        if args.devices:
            raise TasbError("--devices with --engine ray: Ray assigns them; leave it")
        return []
    places = list(args.devices or [])
    if args.processes:
        places = ["cpu" if args.device == "auto" else args.device] * args.processes
    for device in {*places} - {"cpu"}:
        pick_device(device)
    return places


def _engine(
    args: argparse.Namespace, source: EncoderSource, devices: Sequence[str]
) -> Engine | None:
    if args.engine == "ray":
        return partial(encode_with_ray, source=source, workers=args.processes)
    if devices:
        return partial(encode_in_processes, source=source, devices=devices)
    return None


def _devices(text: str) -> list[str]:
    """Parse names of devices.

    Examples
    --------
    >>> _devices("cuda:0,cuda:1")
    ['cuda:0', 'cuda:1']
    """
    devices = text.split(",")
    if not all(devices):
        raise argparse.ArgumentTypeError(f"{text!r} has an empty name")
    return devices
