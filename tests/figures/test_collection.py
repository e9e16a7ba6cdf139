"""What is drawn of many photos, against their distances; Plotly validates every figure."""

import base64
import io

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image
from scipy.cluster.hierarchy import dendrogram
from scipy.spatial.distance import pdist, squareform

import attntopo as at
from attntopo.analysis import cluster_photos, map_photos
from attntopo.figures.collection import plot_map, plot_neighbours, plot_two_groups
from attntopo.figures.photo_marks import shortened, thumbnail_url, told_apart
from attntopo.figures.photo_trees import branches, plot_clustered, plot_tree

N = 30


@pytest.fixture(scope="module")
def distances() -> np.ndarray:
    return squareform(pdist(np.random.default_rng(0).normal(size=(N, 3))))


NAMES = [f"photo {k // 2}" for k in range(N)]  # each twice
URLS = [f"data:image/jpeg;base64,{k:04d}" for k in range(N)]


def places(figure: go.Figure) -> dict[str, list[tuple[float, float]]]:
    """Where each picture lies in a figure that Plotly takes."""
    assert go.Figure(figure.to_dict())
    lie: dict[str, list[tuple[float, float]]] = {}
    for image in figure.layout.images:
        lie.setdefault(image.source, []).append((image.x, image.y))
    return lie


def test_a_heat_map_is_in_the_order_of_the_tree_with_its_photos_along_both_axes(distances):
    clustering = cluster_photos(distances)
    figure = plot_clustered(distances, clustering, NAMES, URLS)
    heat = figure.data[0]
    order = clustering.order
    np.testing.assert_array_equal(heat.z, distances[np.ix_(order, order)])
    assert len(set(heat.x)) == N  # one category a photo, whatever they are called
    lie = places(figure)
    for place, photo in enumerate(order.tolist()):
        along = lie[URLS[photo]]
        assert [x for x, y in along if y < -0.5] == [place]
        assert [y for x, y in along if x < -0.5] == [place]
    first, last = figure.layout.xaxis.range
    assert (last, -first) == (N - 0.5, 4.5)  # two rows of pictures, two cells wide each


def test_a_tree_has_the_lines_that_scipy_draws(distances):
    clustering = cluster_photos(distances)
    along, up = branches(clustering)
    drawn = dendrogram(clustering.steps, no_plot=True)
    # SciPy puts leaves at 5, 15, …
    expected = {
        (tuple(np.subtract(x, 5) / 10), tuple(y))
        for x, y in zip(drawn["icoord"], drawn["dcoord"], strict=True)
    }
    own = {(tuple(along[k : k + 4]), tuple(up[k : k + 4])) for k in range(0, len(along), 5)}
    assert own == expected
    assert along[4::5] == up[4::5] == [None] * (N - 1)


def test_a_tree_has_a_photo_a_row(distances):
    clustering = cluster_photos(distances)
    figure = plot_tree(clustering, NAMES, URLS, "H0 bottleneck")
    lie = places(figure)
    assert [lie[URLS[photo]][0][1] for photo in clustering.order] == list(range(N))
    assert figure.data[1].text == tuple(NAMES[photo] for photo in clustering.order)


def test_a_map_has_each_photo_once_and_its_number_for_a_lasso(distances):
    layout = map_photos(distances)
    figure = plot_map(layout, NAMES, URLS, ((3, 4), (0,)), ("cats", "dogs"))
    assert {url: len(lie) for url, lie in places(figure).items()} == dict.fromkeys(URLS, 1)
    numbers = {one.name: list(one.customdata) for one in figure.data}
    assert numbers == {"": [k for k in range(N) if k not in (0, 3, 4)], "cats": [3, 4], "dogs": [0]}
    for trace in figure.data:
        for x, y, number in zip(trace.x, trace.y, trace.customdata, strict=True):
            assert (x, y) == tuple(layout.positions[number])
    assert figure.layout.yaxis.scaleanchor == "x"


def test_neighbours_are_a_row_a_distance():
    rows = {"H0 bottleneck": [(3, 0.1), (1, 0.25)], "class token, cosine": [(2, 0.5)]}
    figure = plot_neighbours(rows, NAMES, URLS)
    assert places(figure) == {URLS[3]: [(0, 0)], URLS[1]: [(1, 0)], URLS[2]: [(0, 1)]}
    assert set(figure.data[0].text) == {*rows, "0.1", "0.25", "0.5"}
    assert places(plot_neighbours({}, NAMES, URLS)) == {}


def test_two_groups_have_a_mark_a_photo():
    values = np.array([1.0, 1.0, 2.0]), np.array([5.0])
    figure = plot_two_groups(values, (NAMES[:3], NAMES[3:4]), ("cats", "dogs"), "H0 sum")
    assert [list(trace.x) for trace in figure.data] == [[1, 1, 2], [5]]
    marks = {(x, y) for trace in figure.data for x, y in zip(trace.x, trace.y, strict=True)}
    assert len(marks) == 4  # equal numbers are seen
    assert go.Figure(figure.to_dict()).layout.xaxis.title.text == "H0 sum"


@pytest.mark.parametrize("n", [1, 2])
def test_one_photo_and_two_are_drawn_as_well(n):
    distances = np.ones((n, n)) - np.eye(n)
    clustering = cluster_photos(distances)
    for figure in (
        plot_clustered(distances, clustering, NAMES[:n], URLS[:n]),
        plot_tree(clustering, NAMES[:n], URLS[:n], "features"),
        plot_map(map_photos(distances), NAMES[:n], URLS[:n]),
    ):
        assert set(places(figure)) == set(URLS[:n])


def test_a_thumbnail_has_the_photos_own_ratio():
    photo = at.sample("rocket")
    data = base64.b64decode(thumbnail_url(photo).partition(",")[2])
    assert len(data) < 6000
    width, height = Image.open(io.BytesIO(data)).size
    assert width / height == pytest.approx(photo.pixels.shape[1] / photo.pixels.shape[0], rel=0.02)


def test_names_are_told_apart_and_fit():
    assert told_apart(["a", "a", "a (2)", "a"]) == ["a", "a (2)", "a (2) (2)", "a (3)"]
    assert shortened("a" * 18) == "a" * 18
    # What tells two files apart is mostly at the end.
    assert shortened("a long name of a photo 12.jpg") == "a long nam…"[:11] + " 12.jpg"
