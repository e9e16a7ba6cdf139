"""Diagrams -> their vectors as one NPZ, which says what they are of."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attntopo.diagrams import VectorGrid, head_vectors
from attntopo.topology import Diagrams


def vectors_npz(
    about: Mapping[str, str], names: Sequence[str], diagrams: Sequence[Diagrams], grid: VectorGrid
) -> bytes:
    """Write the vectors of several diagrams, all on one grid.

    Parameters
    ----------
    about : mapping of str
        What they are of.
    names : sequence of str
        What each of the diagrams is called.
    diagrams : sequence of Diagrams
        One at least.
    grid : VectorGrid

    Returns
    -------
    bytes
        Of a compressed NPZ. For each dimension, here 0, float64: `h0_persistence_image`
        (n_diagrams, image_side, image_side), `h0_landscapes` (n_diagrams, n_landscapes, n_scales),
        `h0_silhouette` and `h0_betti_curve` (n_diagrams, n_scales), and what they are sampled at,
        `h0_scales`, `h0_births` and `h0_lengths`. `names` says whose each row is, and `about`, a
        JSON object as one string, what all are of, with the range, bandwidth and power of the grid.
        `numpy.load` reads it without pickle.

    Raises
    ------
    DiagramError
        As `head_vectors`.
    """
    vectors = [head_vectors(one, grid) for one in diagrams]
    arrays: dict[str, Any] = {
        name.lower().replace(" ", "_"): np.stack([one[name] for one in vectors])
        for name in vectors[0]
    }
    for k in range(len(grid.ranges)):
        arrays |= {
            f"h{k}_scales": grid.scales(k),
            f"h{k}_births": grid.births(k),
            f"h{k}_lengths": grid.lengths(k),
        }
    said = {**about, **grid.about()}
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, about=np.array(json.dumps(said)), names=np.array(list(names)), **arrays
    )
    return buffer.getvalue()
