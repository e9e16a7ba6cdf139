"""Rows <-> Parquet files: one a piece, whose footer says of which photos it is.

A piece's file is all that says it is done: it is written at once, with its rows, the photos that
were refused, and how it was made. The table of errors is read off these footers.
"""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attntopo.runs.addresses import read_bytes, remove_leftovers, sizes_in, write_bytes
from attntopo.runs.pieces import Piece
from attntopo.runs.row_kinds import RowKind
from attntopo.runs.run_options import Job

if TYPE_CHECKING:
    import pyarrow as pa

_FOOTER = b"attntopo"
_ENDING = ".parquet"
_AT_ONCE = 16
_LONGEST_FOOTER = 4_000_000
"""Bytes at the end of a file among which its footer is: rows take many times as much."""


@dataclass(frozen=True)
class Refusal:
    """A photo of which no rows could be made.

    Attributes
    ----------
    photo : str
    kind : str
        Why, in a word or three.
    sentence : str
        Why, for a person.
    """

    photo: str
    kind: str
    sentence: str


@dataclass(frozen=True)
class Footer:
    """What a piece's file says of itself.

    Attributes
    ----------
    stamps : dict of str to str
        The piece's photos by name, with their stamps.
    refused : tuple of Refusal
        Those of them that have no rows.
    """

    stamps: dict[str, str]
    refused: tuple[Refusal, ...]

    @property
    def with_rows(self) -> set[str]:
        """Names of the photos that have rows."""
        return set(self.stamps) - {one.photo for one in self.refused}

    def without(self, photos: set[str]) -> "Footer":
        """Return the same without some photos."""
        stamps = {name: stamp for name, stamp in self.stamps.items() if name not in photos}
        return Footer(stamps, tuple(one for one in self.refused if one.photo not in photos))


def rows_schema(kind: RowKind) -> "pa.Schema":
    """Return the columns of a kind of rows, which are the same in all of a run's files."""
    import pyarrow as pa

    fields = [("photo", pa.string()), ("sha256", pa.string()), ("layer", pa.int16())]
    fields.append(("head", pa.string() if kind.named_heads else pa.int16()))
    for name, (entry, size) in kind.columns().items():
        one = pa.from_numpy_dtype(entry)
        fields.append((name, one if size == 1 else pa.list_(one, size or -1)))
    return pa.schema(fields)


def piece_address(job: Job, piece_id: str) -> str:
    """Return where a piece's file lies."""
    return f"{job.rows}/{piece_id}{_ENDING}"


def write_piece(
    job: Job,
    kind: RowKind,
    piece: Piece,
    rows: Sequence[Mapping[str, Any]],
    refused: Sequence[Refusal],
) -> None:
    """Write a piece's file: all of it, or nothing.

    Parameters
    ----------
    job : Job
    kind : RowKind
    piece : Piece
    rows : sequence of mapping
        With the columns of the schema.
    refused : sequence of Refusal

    Raises
    ------
    StorageGoneError
        If it can't be written.
    """
    import pyarrow as pa

    schema = rows_schema(kind)
    arrays = [_column([row[field.name] for row in rows], field.type) for field in schema]
    footer = {
        "piece": piece.id,
        "about": job.about(),
        "photos": [[photo.name, photo.stamp] for photo in piece.photos],
        "refused": [[one.photo, one.kind, one.sentence] for one in refused],
    }
    _write(piece_address(job, piece.id), pa.table(arrays, schema=schema), footer)


def _column(entries: list[Any], type_: "pa.DataType") -> "pa.Array":
    import pyarrow as pa

    if pa.types.is_list(type_) or pa.types.is_fixed_size_list(type_):
        # Through one array: as Python's numbers they would take many times the memory.
        flat = np.concatenate(entries) if entries else np.empty(0)
        values = pa.array(flat.astype(type_.value_type.to_pandas_dtype()))
        if pa.types.is_fixed_size_list(type_):
            return pa.FixedSizeListArray.from_arrays(values, type=type_)
        ends = np.cumsum([0, *map(len, entries)], dtype=np.int32)
        return pa.ListArray.from_arrays(pa.array(ends), values)
    return pa.array(entries, type_)


def _write(address: str, table: "pa.Table", footer: Mapping[str, Any]) -> None:
    import pyarrow.parquet as pq

    said = {**(table.schema.metadata or {}), _FOOTER: json.dumps(footer).encode()}
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(said), buffer, compression="zstd")
    write_bytes(address, buffer.getvalue())


def read_footers(job: Job) -> dict[str, Footer]:
    """Read what all files of a run say of themselves.

    Parameters
    ----------
    job : Job

    Returns
    -------
    dict of str to Footer
        By file name. A file that isn't a whole one, as only a storage that doesn't put objects at
        once can have, is left out: its photos are done again.
    """
    remove_leftovers(job.rows)
    sizes = {name: size for name, size in sizes_in(job.rows).items() if name.endswith(_ENDING)}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        read = list(pool.map(lambda name: _footer(f"{job.rows}/{name}", sizes[name]), sizes))
    return {name: one for name, one in zip(sizes, read, strict=True) if one is not None}


def _footer(address: str, size: int) -> Footer | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        end = read_bytes(address, max(0, size - _LONGEST_FOOTER))
        metadata = pq.read_schema(io.BytesIO(end)).metadata or {}
        said = json.loads(metadata[_FOOTER])
        return Footer(dict(said["photos"]), tuple(Refusal(*one) for one in said["refused"]))
    except (pa.ArrowException, KeyError, ValueError):
        return None


def drop_photos(job: Job, name: str, photos: set[str]) -> None:
    """Take the rows of some photos out of a file, which is written anew.

    Parameters
    ----------
    job : Job
    name : str
        Of the file.
    photos : set of str
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    address = f"{job.rows}/{name}"
    table = pq.read_table(io.BytesIO(read_bytes(address)))
    footer = json.loads(table.schema.metadata[_FOOTER])
    footer["photos"] = [one for one in footer["photos"] if one[0] not in photos]
    footer["refused"] = [one for one in footer["refused"] if one[0] not in photos]
    stay = pc.invert(pc.is_in(table["photo"], pa.array(sorted(photos), pa.string())))
    _write(address, table.filter(stay), footer)


def errors_address(job: Job) -> str:
    """Return where the table of errors lies."""
    return f"{job.out}/{job.kind}-errors{_ENDING}"


def write_errors(job: Job, refused: Iterable[Refusal]) -> None:
    """Write the table of errors: a row for each photo that has no rows.

    Parameters
    ----------
    job : Job
    refused : iterable of Refusal
    """
    import pyarrow as pa

    ordered = sorted(refused, key=lambda one: one.photo)
    columns = {
        "photo": [one.photo for one in ordered],
        "kind": [one.kind for one in ordered],
        "error": [one.sentence for one in ordered],
    }
    schema = pa.schema([(name, pa.string()) for name in columns])
    _write(errors_address(job), pa.table(columns, schema=schema), {"about": job.about()})
