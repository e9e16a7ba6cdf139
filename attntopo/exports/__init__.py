"""Taking away: topologies and views -> CSV, NPZ and Python, each saying what it is of."""

from attntopo.exports.script import as_python
from attntopo.exports.tables import (
    curves_csv,
    describe_collection,
    describe_view,
    diagrams_csv,
    distances_npz,
    pairs_csv,
    rows_csv,
)
