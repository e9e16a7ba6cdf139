"""Taking away: topologies, views, label maps -> CSV, NPZ, Python, PNG and COCO's JSON."""

from attntopo.exports.descriptions import describe_heads
from attntopo.exports.masks import coco_dataset, labels_png, photo_annotations
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
from attntopo.exports.vector_arrays import vectors_npz
