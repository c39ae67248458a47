import pytest

from tasb_pyserini.prebuilt.entry import Kind, Prebuilt, RemoteFile

MD5 = "0123456789abcdef0123456789abcdef"


def file(filename: str, md5: str | None = MD5) -> RemoteFile:
    return RemoteFile(filename=filename, urls=("https://example.org/x",), md5=md5)


def prebuilt(*files: RemoteFile, kind: Kind = "collection") -> Prebuilt:
    return Prebuilt(name="mine", kind=kind, description="d", files=files)


@pytest.mark.parametrize(
    ("filename", "kind", "stem"),
    [
        ("a.b.tar", "tar", "a.b"),
        ("a.b.tar.gz", "tar.gz", "a.b"),
        ("a.b.tgz", "tar.gz", "a.b"),
        ("a.b.tar.zst", "tar.zst", "a.b"),
        ("a.b.zip", "zip", "a.b"),
        ("a.tsv.gz", None, "a.tsv.gz"),
        ("a.txt", None, "a.txt"),
    ],
)
def test_the_name_tells_the_kind_of_archive(
    filename: str, kind: str | None, stem: str
) -> None:
    assert (file(filename).archive_kind, file(filename).stem) == (kind, stem)


def test_an_archive_is_unpacked_where_pyserini_looks() -> None:
    # util.download_and_unpack_index: f'{index_name}.{md5}'
    assert prebuilt(file("i.20210527.tar.gz")).folder_name == f"i.20210527.{MD5}"


def test_an_archive_without_md5_is_unpacked_to_its_stem() -> None:
    assert prebuilt(file("i.tar.gz", None)).folder_name == "i"


def test_a_single_file_keeps_its_name() -> None:
    assert prebuilt(file("scores.tsv")).folder_name == "scores.tsv"


def test_several_files_share_a_folder_named_as_the_entry() -> None:
    assert prebuilt(file("a.tsv"), file("b.tar.gz")).folder_name == "mine"


def test_only_known_checksums_are_checked() -> None:
    assert file("a", None).digests == {}
    assert file("a").digests == {"md5": MD5}
    both = RemoteFile(filename="a", urls=("https://e/a",), md5=MD5, sha256=MD5 * 2)
    assert both.digests == {"md5": MD5, "sha256": MD5 * 2}
