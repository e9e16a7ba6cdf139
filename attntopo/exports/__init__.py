"""Taking away: topologies and views -> CSV, NPZ and Python, each saying what it is of."""

from attntopo.exports.script import as_python
from attntopo.exports.tables import (
    curves_csv,
    describe_view,
    diagrams_csv,
    distances_npz,
    rows_csv,
)
from attntopo.exports.vector_arrays import vectors_npz
