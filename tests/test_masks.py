"""Labels as files, read back by Pillow and by COCO's own tools."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from attntopo import exports


def random_labels(height: int, width: int, n_labels: int, seed: int = 0) -> np.ndarray:
    """Labels in blocks, some of them at the borders and in several parts, one of them nowhere."""
    draw = np.random.default_rng(seed)
    small = draw.integers(0, n_labels + 1, size=(-(-height // 3), -(-width // 2)))
    labels = small.repeat(3, axis=0).repeat(2, axis=1)[:height, :width]
    return np.where(labels == 2, 0, labels).astype(np.int32)


@pytest.mark.parametrize("n_labels", [0, 9, 255, 256, 65_535])
def test_the_pixels_of_the_png_are_the_labels(n_labels):
    labels = random_labels(37, 23, n_labels)
    labels[0, 0] = n_labels
    with Image.open(io.BytesIO(exports.labels_png(labels))) as image:
        assert image.mode == ("P" if n_labels <= 255 else "I;16")
        assert np.array_equal(np.asarray(image), labels)


@pytest.mark.parametrize("labels", [
    random_labels(37, 23, 6),
    random_labels(1, 40, 3, seed=1),
    np.ones((5, 4), dtype=np.int32),
    np.zeros((5, 4), dtype=np.int32),
])  # fmt: skip
def test_cocos_tools_decode_the_masks(labels):
    annotations = exports.photo_annotations(labels)
    assert [one["label"] for one in annotations] == np.unique(labels[labels > 0]).tolist()
    for one in annotations:
        decoded = coco_mask.frPyObjects(one["segmentation"], *labels.shape)
        assert np.array_equal(coco_mask.decode(decoded), labels == one["label"])
        assert one["area"] == coco_mask.area(decoded)
        assert one["bbox"] == coco_mask.toBbox(decoded).tolist()


def test_coco_reads_the_whole_file(tmp_path, capsys):
    several = [random_labels(20, 30, 4, seed) for seed in (1, 2)]
    photos = [
        ({"file_name": f"{k}.jpg", "width": 30, "height": 20}, exports.photo_annotations(labels))
        for k, labels in enumerate(several)
    ]
    path = tmp_path / "components.json"
    path.write_text(json.dumps(exports.coco_dataset({"model": "embedded"}, photos)))
    coco = COCO(str(path))
    capsys.readouterr()
    assert coco.dataset["info"]["attntopo"] == {"model": "embedded"}
    assert [one["name"] for one in coco.loadCats(coco.getCatIds())] == ["component"]
    for labels, image in zip(several, coco.loadImgs(coco.getImgIds()), strict=True):
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
        assert len(annotations) == len(np.unique(labels[labels > 0]))
        again = sum(one["label"] * coco.annToMask(one).astype(int) for one in annotations)
        assert np.array_equal(again, labels)
