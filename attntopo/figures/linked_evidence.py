"""What the linked view says of a bar's evidence: its certificate, its universal p, its ranks."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from attntopo.analysis import (
    EvidenceError,
    HeadTopology,
    NullDraws,
    certificate_radii,
    find_null,
    universal_p,
)
from attntopo.topology import leader_lives

_DIGITS = 6


def certificates(topology: HeadTopology, dimension: int) -> list[float | None]:
    """List by how much all distances may change without a bar being lost; None for no end."""
    radii = certificate_radii(topology.diagrams[dimension])
    return [round(radius, _DIGITS) if np.isfinite(radius) else None for radius in radii.tolist()]


def noise_chances(topology: HeadTopology) -> list[float | None]:
    """List the universal p of the bars of dimension 1, not corrected by their number.

    Returns
    -------
    list of float
        0 to 1, six digits; None for a bar that isn't counted, and for all where the law doesn't
        hold.
    """
    loops = topology.diagrams[1]
    try:
        chances = universal_p(loops, topology.distances.distance, corrected=False).tolist()
    except EvidenceError:
        return [None] * len(loops)
    return [None if np.isnan(p) else float(f"{p:.{_DIGITS}g}") for p in chances]


def ranked(topology: HeadTopology, nulls: Iterable[NullDraws]) -> list[dict[str, Any]]:
    """Rank all loops and components of a head among the draws of nulls.

    Parameters
    ----------
    topology : HeadTopology
    nulls : iterable of NullDraws
        Those without a draw are left out.

    Returns
    -------
    list of dict
        Of each null `matrices`, what its draws are in words; `draws`, how many there are; and how
        many are beaten: `loops` by the rows of the diagram of dimension 1, `components` by the
        point that leads them, None where that one's life has no start or no end.
    """
    births, deaths = topology.diagrams[1].T
    starts, ends = leader_lives(topology.tree).T
    lived = (starts < ends) & np.isfinite(ends)
    lives = np.subtract(ends, starts, out=np.zeros(len(starts)), where=lived)
    return [
        {
            "matrices": find_null(draws.null).matrices,
            "draws": len(draws.draws),
            "loops": draws.beaten_by_loops(deaths - births).tolist(),
            "components": [
                int(beaten) if has_life else None
                for beaten, has_life in zip(draws.beaten_by_components(lives), lived, strict=True)
            ],
        }
        for draws in nulls
        if len(draws.draws)
    ]
