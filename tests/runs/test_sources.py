"""What the photos of a source are, against the files that were written."""

import io
import tarfile
from pathlib import Path

import fsspec
import pytest

from attntopo.runs.addresses import read_bytes
from attntopo.runs.run_error import RunError
from attntopo.runs.sources import PhotoFile, photo_files
from tests.harness.published import BUCKET

FILES = {
    "a.jpg": b"first",
    "b.PNG": b"second",
    "deep/er/c.heic": b"third",
    "notes.md": b"no photo",
    "labels.json": b"{}",
}
PHOTOS = {name: data for name, data in FILES.items() if not name.endswith((".md", ".json"))}


def tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture(params=["folder", "memory", "s3"])
def place(request, tmp_path) -> str:
    address = str(tmp_path / "photos")
    if request.param == "memory":
        address = f"memory://{tmp_path.name}"
    if request.param == "s3":
        request.getfixturevalue("s3_address")
        address = f"s3://{BUCKET}/runs/{tmp_path.name}"
    files = fsspec.filesystem(address.partition("://")[0] if "://" in address else "file")
    for name, data in FILES.items():
        if request.param == "folder":
            Path(address, name).parent.mkdir(parents=True, exist_ok=True)
        files.pipe_file(f"{address}/{name}", data)
    files.pipe_file(
        f"{address}/more.tar", tar({f"in/{name}": data for name, data in FILES.items()})
    )
    return address


def read(photo: PhotoFile) -> bytes:
    length = None if photo.start is None else photo.size
    return read_bytes(photo.address, photo.start, length)


def contents(photos: list[PhotoFile], place: str) -> dict[str, bytes]:
    start = place.replace("memory://", "memory:///")
    assert all(photo.name.startswith(start + "/") for photo in photos)
    return {photo.name.removeprefix(start + "/"): read(photo) for photo in photos}


def test_a_folder_with_archives_in_it(place):
    archived = {f"more.tar::in/{name}": data for name, data in PHOTOS.items()}
    photos = photo_files(place)
    assert contents(photos, place) == PHOTOS | archived
    assert [photo.name for photo in photos] == sorted(photo.name for photo in photos)
    assert all(photo.stamp and photo.size == len(read(photo)) for photo in photos)


def test_a_pattern_an_archive_and_one_photo(place):
    assert contents(photo_files(f"{place}/*.jpg"), place) == {"a.jpg": b"first"}
    assert contents(photo_files(f"{place}/**/*.heic"), place) == {"deep/er/c.heic": b"third"}
    assert len(photo_files(f"{place}/more.tar")) == len(PHOTOS)
    assert contents(photo_files(f"{place}/b.PNG"), place) == {"b.PNG": b"second"}


def test_lists(place):
    lines = [f"{place}/b.PNG\n", "\n", "# not this one\n", f"  {place}/a.jpg", f"{place}/a.jpg"]
    expected = {"a.jpg": b"first", "b.PNG": b"second"}
    assert contents(photo_files("-", lines), place) == expected
    list_file = f"{place}/list.txt"
    with fsspec.open(list_file, "w") as file:
        file.write("\n".join(lines))
    assert contents(photo_files(list_file), place) == expected


def test_a_file_that_is_written_anew_has_another_stamp(place):
    before = {photo.name: photo.stamp for photo in photo_files(place)}
    with fsspec.open(f"{place}/a.jpg", "wb") as file:
        file.write(b"as new")
    after = {photo.name: photo.stamp for photo in photo_files(place)}
    assert [name.rpartition("/")[2] for name in before if before[name] != after[name]] == ["a.jpg"]


def test_ranges(tmp_path):
    for number in range(9, 12):
        (tmp_path / f"t-{number:03}.tar").write_bytes(tar({f"{number}.jpg": b"x"}))
    photos = photo_files(f"{tmp_path}/t-{{009..011}}.tar")
    assert [photo.name.partition("::")[2] for photo in photos] == ["9.jpg", "10.jpg", "11.jpg"]
    with pytest.raises(RunError, match=r"nothing at .*t-012\.tar"):
        photo_files(f"{tmp_path}/t-{{010..012}}.tar")
    with pytest.raises(RunError, match="from a smaller to a larger"):
        photo_files("t-{3..1}.tar")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("nowhere", "There is nothing at nowhere."),
        ("train.tar.gz", "is compressed"),
        ("nofs://bucket/folder", "is no address that can be opened"),
        ("empty", "There is no photo in empty"),
        ("broken.tar", "is no tar archive, or damaged"),
        ("nowhere.txt", "The list nowhere.txt can't be read"),
        ("-", "There is no photo in the list"),
    ],
)
def test_what_is_no_source_is_refused_in_a_sentence(source, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.tar").write_bytes(b"no archive" * 200)
    with pytest.raises(RunError) as caught:
        photo_files(source)
    assert sentence in str(caught.value)
