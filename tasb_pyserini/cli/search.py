"""``tasb search``: topics against an index of vectors, into a run."""

import argparse
from collections.abc import Iterator, Sequence
from functools import partial

from tasb_pyserini.cli.arguments import add_encoder_arguments
from tasb_pyserini.cli.names import located
from tasb_pyserini.cli.prf import add_prf_arguments, check_feedback, tag, with_feedback
from tasb_pyserini.cli.searching import add_search_arguments, check_output, finish
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.encoders.encoded_queries import read_encoded_queries
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run
from tasb_pyserini.indexing.lucene_dense_sphere import is_lucene_dense
from tasb_pyserini.search.dense import Index, dense_runs, encode_topics, encoded_vectors
from tasb_pyserini.search.lucene_dense import LuceneDenseIndex
from tasb_pyserini.search.sharded import open_index


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb search``."""
    parser.add_argument(
        "--index",
        required=True,
        nargs="+",
        help="index directory, or name of a prebuilt one; several are searched as one",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--encoder", help="tasb, tasb:FOLDER or hub id")
    source.add_argument(
        "--encoded-queries",
        metavar="PATH",
        help="Pyserini's encoded queries: .pkl, .tar.gz, folder, or prebuilt name",
    )
    add_encoder_arguments(parser)
    parser.add_argument(
        "--search-device",
        default="cpu",
        metavar="DEVICE",
        help="where Faiss searches: cpu, or cuda or cuda:N for flat, fp16 and int8",
    )
    add_search_arguments(parser)
    add_prf_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Search and write the run."""
    check_feedback(args)
    check_output(args, *filter(None, [args.encoded_queries]))
    index = with_feedback(open_named(args.index, args.search_device), args)
    topics = load_topics(args.topics)
    if args.encoded_queries:
        encoded = read_encoded_queries(located(args.encoded_queries, "encoded-queries"))
        vectors = partial(encoded_vectors, encoded, topics)
    else:
        encoder = Encoder.load(args.encoder, device=args.device, fp16=args.fp16)
        vectors = partial(encode_topics, index, encoder, topics)

    def search() -> Iterator[Run]:
        yield from dense_runs(index, list(topics), vectors(), args.hits, args.threads)

    return finish(args, search(), len(topics), tag(args))


def open_named(names: Sequence[str], device: str = "cpu") -> Index:
    """Open index folders as users name them; several Faiss indexes are one.

    Raises
    ------
    TasbError
        If there is no such index, it can't be searched on `device`, or a Lucene index
        is one of several.
    """
    folders = [located(name, "faiss") for name in names]
    for folder in filter(is_lucene_dense, folders):
        if len(folders) > 1:
            raise TasbError(
                f"{folder}: a Lucene index is searched alone; expected one folder, or "
                "Faiss indexes only"
            )
        if device != "cpu":
            raise TasbError(
                f"{folder}: Lucene can't search on {device!r}; expected a Faiss index, "
                "or --search-device cpu"
            )
        return LuceneDenseIndex(folder)
    return open_index(folders, device)
