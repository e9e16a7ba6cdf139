"""Topologies -> CSV and NPZ, each saying what it is of.

Every CSV begins with lines `# key: value` that say so, then has one header and plain data, a type
a column. Numbers have all their digits: `pandas.read_csv(file, comment="#")` reads them back to
the bit (pandas 3.1; older ones may round the last, unless `float_precision="round_trip"` is given).
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from attntopo.analysis import (
    NOT_A_METRIC,
    HeadTopology,
    TokenComparison,
    certificate_radii,
    slider_range,
    universal_p,
)
from attntopo.diagrams import betti_curve
from attntopo.distances import SCALE_STEPS
from attntopo.exports.descriptions import describe_model_run
from attntopo.links import (
    OF_COLLECTION,
    OF_STABILITY,
    PRIVATE,
    View,
    is_private,
    scale_text,
)
from attntopo.models import ModelInfo, library_versions
from attntopo.photos import Photo

_DIMENSIONS = (0, 1)

Models = tuple[ModelInfo | None, ModelInfo | None]
"""The models that are run for A and for B."""


def describe_view(
    view: View, models: Models, photos: tuple[Photo, Photo], scales: tuple[float, float]
) -> dict[str, str]:
    """Say what an export is of.

    Parameters
    ----------
    view : View
    models : tuple of ModelInfo, optional
        Of A and of B; None where none was run, as attention was given. Model and commit are empty
        where none was run for either.
    photos : tuple of Photo
        A and B.
    scales : tuple of float
        At which A and B are shown: see `analysis.shown_scales`.

    Returns
    -------
    dict of str
        The view as in its link but with these scales and without what the Stability and
        Collection pages alone show, the side of the models' input where it is their own too, the
        model's commit, how an untrained twin's weights were drawn, the versions of torch and
        transformers where a model was run, the photos' names, and content hashes: of samples
        alone, because a private photo's would tell whether someone has that very photo.
    """
    of_others = (*OF_STABILITY, *OF_COLLECTION)
    about = {name: text for name, text in view.to_query().items() if name not in of_others}
    about["scale"] = scale_text(scales[0])
    if view.share is not None:
        del about["scale"]
        about |= {f"scale of {x}": scale_text(s) for x, s in zip("AB", scales, strict=True)}
    of_both = {"": models[0] or models[1]}
    ran = {"": models[0], "_b": models[1]} if view.b_has_own_head else of_both
    for suffix, model in ran.items():
        about |= describe_model_run(model, suffix)
    if any(models):
        about |= library_versions()
    own = {model.own_side for model in models if model}
    if not own:  # no model was given an input
        about = {name: value for name, value in about.items() if name not in ("input", "shape")}
    elif len(own) == 1 and own != {0}:
        about.setdefault("input", str(*own))
    for letter, name, photo in zip("AB", (view.a, view.b), photos, strict=True):
        about[f"photo {letter}"] = photo.name
        if is_private(name):  # what the session calls it means nothing elsewhere
            about[letter.lower()] = PRIVATE
        else:
            about[f"sha256 of photo {letter}"] = photo.sha256
    return about


def describe_collection(view: View, model: ModelInfo, share: float | None) -> dict[str, str]:
    """Say what an export of one head on many photos is of.

    Parameters
    ----------
    view : View
    model : ModelInfo
        The model that was run.
    share : float, optional
        The share of each photo's own merges at which it is counted, in percent; None where all are
        at the view's scale.

    Returns
    -------
    dict of str
        What is looked at as in the link, the share or the scale, the side of the model's input
        where it is its own too, the model's commit, how an untrained twin's weights were drawn,
        and the versions of torch and transformers.
    """
    query = view.to_query()
    names = ("v", "collection", "model", "layer", "head", "distance", "tokens", "input", "shape")
    about = {name: query[name] for name in names if name in query}
    about |= {"scale": query["scale"]} if share is None else {"share": str(share)}
    about["commit"] = model.commit
    if model.weights:
        about["weights"] = model.weights
    if model.own_side:
        about.setdefault("input", str(model.own_side))
    return about | library_versions()


def diagrams_csv(about: Mapping[str, str], first: HeadTopology, second: HeadTopology) -> str:
    """Write the persistence diagrams of A and B, with the simplices that begin and end each bar.

    Parameters
    ----------
    about : mapping of str
    first, second : HeadTopology
        Of A and of B.

    Returns
    -------
    str
        CSV with a row a bar: photo (A, B), dimension, birth, death (`inf` for the infinite bar),
        the tokens, by number and with spaces between, of the birth edge (dimension 1), the
        merging edge (dimension 0) and the death triangle (dimension 1), the certificate's radius,
        and the universal p times the number of bars (dimension 1; empty for a bar born at 0, and
        for the attention graph).
    """
    return rows_csv(about, [*_bars("A", first), *_bars("B", second)])


def curves_csv(
    about: Mapping[str, str], first: HeadTopology, second: HeadTopology, end: float
) -> str:
    """Write the Betti curves of A and B along the scale.

    Parameters
    ----------
    about : mapping of str
    first, second : HeadTopology
        Of A and of B.
    end : float
        The last scale, in the units of the row distance.

    Returns
    -------
    str
        CSV with the columns scale, A H0, A H1, B H0, B H1, from 0 to the end, at every stop that
        the page's slider has for these heads: thousandths, or hundred-thousandths.
    """
    stop = slider_range((first, second)).stop
    scales = np.arange(0, round(end * SCALE_STEPS) + 1, stop) / SCALE_STEPS
    columns = {"scale": scales.tolist()}
    for letter, topology in (("A", first), ("B", second)):
        for dimension in _DIMENSIONS:
            curve = betti_curve(topology.diagrams[dimension], scales)
            columns[f"{letter} H{dimension}"] = curve.tolist()
    return rows_csv(
        about, [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    )


def distances_npz(
    about: Mapping[str, str],
    topologies: tuple[HeadTopology, HeadTopology],
    by_token: TokenComparison | None = None,
) -> bytes:
    """Write the row distances of A and B.

    Parameters
    ----------
    about : mapping of str
    topologies : tuple of HeadTopology
    by_token : TokenComparison, optional
        Where the tokens of A and B correspond.

    Returns
    -------
    bytes
        Of a compressed NPZ: `distances_a` and `distances_b` (float64, symmetric), `tokens_a` and
        `tokens_b` (int64, which token each point is), and `about`, a JSON object as one string.
        Where tokens correspond also `merge_shifts_a` and `merge_shifts_b` (float64, a token each).
        `numpy.load` reads it without pickle.
    """
    first, second = (topology.distances for topology in topologies)
    more: dict[str, Any] = {}
    if by_token and by_token.shifts:
        more = dict(zip(("merge_shifts_a", "merge_shifts_b"), by_token.shifts, strict=True))
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        about=np.array(json.dumps(dict(about))),
        distances_a=first.values,
        tokens_a=first.tokens,
        distances_b=second.values,
        tokens_b=second.tokens,
        **more,
    )
    return buffer.getvalue()


def _bars(letter: str, topology: HeadTopology) -> Iterator[dict[str, Any]]:
    """Yield the rows of one photo's diagrams."""
    diagrams, tokens = topology.diagrams, topology.distances.tokens
    simplices = {  # by dimension
        "birth edge": (None, diagrams.birth_edges),
        "merging edge": (diagrams.merging_edges, None),
        "death triangle": (None, diagrams.death_triangles),
    }
    for dimension in _DIMENSIONS:
        # tolist: Python's own numbers, of which the CSV has every digit.
        bars = diagrams[dimension].tolist()
        named = [_names(both[dimension], tokens, len(bars)) for both in simplices.values()]
        evidence = (certificate_radii(diagrams[dimension]).tolist(), _chances(topology, dimension))
        names_of = (*simplices, "certificate radius", "universal p times bars")
        for (birth, death), *more in zip(bars, *named, *evidence, strict=True):
            bar = {"photo": letter, "dimension": dimension, "birth": birth, "death": death}
            yield bar | dict(zip(names_of, more, strict=True))


def _chances(topology: HeadTopology, dimension: int) -> list[float | str]:
    """List the universal p of a head's bars times their number; empty where there is none."""
    bars = topology.diagrams[dimension]
    if dimension != 1 or topology.distances.distance == NOT_A_METRIC:
        return [""] * len(bars)
    return ["" if np.isnan(p) else p for p in universal_p(bars).tolist()]


def _names(simplices: np.ndarray | None, tokens: np.ndarray, n_bars: int) -> list[str]:
    """Name simplices by their tokens' numbers; the infinite bar has none to end it."""
    if simplices is None:
        return [""] * n_bars
    return [
        "" if points[0] < 0 else " ".join(str(token) for token in tokens[points].tolist())
        for points in simplices
    ]


def pairs_csv(
    about: Mapping[str, str], names: Sequence[str], distances: Mapping[str, np.ndarray]
) -> str:
    """Write the distances between all pairs of many photos.

    Parameters
    ----------
    about : mapping of str
    names : sequence of str
        Of the photos.
    distances : mapping of str to ndarray of float64, shape (n_photos, n_photos)
        By a key of `PHOTO_DISTANCES`.

    Returns
    -------
    str
        CSV with a row a pair: the numbers and names of both photos, and a column a distance.
    """
    first, second = np.triu_indices(len(names), 1)
    values = {key: matrix[first, second].tolist() for key, matrix in distances.items()}
    rows = []
    for row, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        pair = {"number A": i, "number B": j, "photo A": names[i], "photo B": names[j]}
        rows.append(pair | {key: column[row] for key, column in values.items()})
    return rows_csv(about, rows)


def rows_csv(about: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows that are mappings of the same names.

    Parameters
    ----------
    about : mapping of str
        What they are of.
    rows : sequence of mapping

    Returns
    -------
    str
        CSV with the names as columns.
    """
    text = io.StringIO()
    for name, value in about.items():
        text.write(f"# {name}: {one_line(value)}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0] if rows else [])
    writer.writerows(row.values() for row in rows)
    return text.getvalue()


def one_line(value: str) -> str:
    """Keep a name within its comment, whatever is in it."""
    return " ".join(value.split())
