import base64
import gzip
import io
import json
import re
import subprocess
import sys

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image
from plotly.offline import get_plotlyjs

import attntopo as at
from attntopo.analysis import number_text
from attntopo.diagrams import Matching, all_matchings, bottleneck_matching
from attntopo.distances import DISTANCES
from attntopo.figures.atlas import plot_by_layer, plot_crocker, plot_heads
from attntopo.figures.axes import shared_end
from attntopo.figures.diagram import plot_betti_curves, plot_diagrams, plot_matching
from attntopo.figures.graph import EDGE_CAP, edges_drawn, plot_skeleton
from attntopo.figures.palette import COMPONENT_COLOURS, hex_colour
from attntopo.figures.report import ReportSide, report_html
from attntopo.figures.thumbnail import small_picture
from attntopo.figures.tokens import token_grid
from attntopo.topology.layout import distance_layout, spring_layout
from attntopo.topology.skeleton import SINGLE, skeleton_at
from attntopo.wording import components_text, share_text

SCALE = 0.0585


@pytest.fixture(scope="module")
def topology(astronaut):
    return at.analyse(astronaut, 9, 3)


@pytest.fixture(scope="module")
def tokens(astronaut, topology):
    return token_grid(astronaut, ("class token",), topology.distances.tokens)


@pytest.fixture(scope="module")
def skeleton(topology):
    return skeleton_at(topology.distances, topology.tree, SCALE)


def test_tokens_are_named_and_placed(tokens, astronaut):
    assert tokens.names[0] == "class token"
    assert tokens.names[1 + 16 * 3 + 5] == "token 54: row 3, column 5"
    assert tokens.cells[54].tolist() == [3, 5]
    assert tokens.cells[0].tolist() == [-1, -1]
    patch = astronaut.input_pixels[3 * 14 : 4 * 14, 5 * 14 : 6 * 14]
    assert np.abs(tokens.mean_colours[54] - patch.mean(axis=(0, 1))).max() < 1


def uniform(grid: tuple[int, int], pixels: np.ndarray, patch_size=None) -> at.Attention:
    n_tokens = grid[0] * grid[1]
    maps = np.full((1, 1, n_tokens, n_tokens), 1 / n_tokens)
    return at.Attention.from_arrays(maps, grid, 0, pixels, patch_size)


@pytest.mark.parametrize(
    ("shape", "grid", "patch"),
    [
        ((256, 256), (18, 18), None),
        ((256, 256), (18, 18), 14),
        ((97, 97), (6, 6), 16),
        ((97, 97), (6, 6), 14),  # the picture divided by the grid would be 16
        ((111, 127), (6, 7), (16, 16)),
        ((50, 120), (4, 5), (12, 20)),
        ((223, 224), (13, 27), (16, 8)),
    ],
)
def test_each_patch_is_drawn_from_its_own_pixels_alone(shape, grid, patch):
    height, width = (14, 14) if patch is None else np.broadcast_to(patch, 2).tolist()
    colours = np.random.default_rng(0).integers(0, 256, (*grid, 3))
    pixels = np.full((*shape, 3), 255, dtype=np.uint8)
    for row in range(grid[0]):
        for column in range(grid[1]):
            here = np.s_[row * height : (row + 1) * height, column * width : (column + 1) * width]
            pixels[here] = colours[row, column]
    attention = uniform(grid, pixels, patch)
    assert attention.patch_size == (height, width)
    tokens = token_grid(attention, (), np.arange(attention.n_tokens))
    assert (tokens.mean_colours == colours.reshape(-1, 3)).all()
    middles = tokens.enlarged.reshape(grid[0], 20, grid[1], 20, 3)[:, 10, :, 10]
    assert np.abs(middles.astype(int) - colours).max() <= 3  # the resampling's ringing
    drawn_as_wide_as_tall = grid[1] / (grid[0] * tokens.stretch)
    assert drawn_as_wide_as_tall == pytest.approx(grid[1] * width / (grid[0] * height))


def test_the_last_columns_of_a_picture_that_is_no_multiple_of_the_patch():
    pixels = np.zeros((256, 256, 3), dtype=np.uint8)
    pixels[:, 238:252] = 255
    tokens = token_grid(uniform((18, 18), pixels), (), np.arange(324))
    drawn = tokens.enlarged.reshape(18, 20, 18, 20, 3)
    assert drawn[:, 2:-2, -3:, 2:-2].mean(axis=(0, 1, 3, 4)).round().tolist() == [0, 0, 255]
    assert tokens.mean_colours.reshape(18, 18, 3)[:, -3:, 0].tolist() == [[0, 0, 255]] * 18


@pytest.mark.parametrize("size", [(1, 1), (1, 2048), (2048, 2), (7, 1008), (300, 300), (128, 1024)])
def test_a_thumbnail_is_neither_a_line_nor_a_mast(size):
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    url, width = small_picture(pixels, 72)
    assert url.startswith("data:image/jpeg;base64,")
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))
    rows, columns = picture.shape[:2]
    assert 1 <= width <= 72
    assert 1 <= round(width * rows / columns) <= 1.5 * 72
    assert columns <= 2 * width
    assert len(url) < 30_000
    if max(size) <= 8 * min(size):
        assert rows / columns == pytest.approx(size[0] / size[1], rel=0.05)
        assert columns == min(size[1], 2 * width)
    else:
        assert round(width * rows / columns) >= 9
    # What is red above is red in the small picture.
    red = np.zeros((64, 48, 3), np.uint8)
    red[:32, :, 0] = 250
    small = np.asarray(
        Image.open(io.BytesIO(base64.b64decode(small_picture(red, 8)[0].partition(",")[2])))
    ).astype(int)
    assert small[2, :, 0].min() > 200
    assert small[-3, :, 0].max() < 50


def test_few_edges_are_all_drawn(skeleton, topology, tokens):
    edges = edges_drawn(skeleton, topology.tree)
    assert (edges == skeleton.edges).all()
    layout = distance_layout(topology.distances)
    figure = plot_skeleton(skeleton, edges, layout, tokens)
    drawn = sum(np.isnan(np.asarray(trace.x)).sum() for trace in figure.data[:-1])
    assert drawn == 1279
    assert len(figure.data[-1].x) == 257
    assert np.asarray(figure.data[0].x).dtype == np.float32


def test_many_edges_are_thinned_but_components_stay_connected(topology):
    import networkx

    skeleton = skeleton_at(topology.distances, topology.tree, 0.09)
    edges = edges_drawn(skeleton, topology.tree)
    assert len(edges) <= EDGE_CAP + 1 < len(skeleton.edges)
    graph = networkx.Graph(edges.tolist())
    graph.add_nodes_from(range(257))
    assert networkx.number_connected_components(graph) == skeleton.n_components


def test_the_spring_layout_leaves_single_tokens_out(skeleton, topology, tokens):
    figure = plot_skeleton(skeleton, skeleton.edges, spring_layout(skeleton), tokens, "photo")
    assert len(figure.data[-1].x) == 257 - skeleton.n_single
    assert all(colour.startswith("rgb(") for colour in figure.data[-1].marker.color)


def test_diagrams_share_their_axes(astronaut, coffee):
    first, second = (at.analyse(photo, 9, 3).diagrams for photo in (astronaut, coffee))
    end = shared_end(first, second, SCALE)
    figures = [plot_diagrams(diagrams, SCALE, end) for diagrams in (first, second)]
    assert figures[0].layout.xaxis.range == figures[1].layout.xaxis.range
    assert figures[0].layout.yaxis.range == figures[1].layout.yaxis.range
    for figure, diagrams in zip(figures, (first, second), strict=True):
        for trace, points in zip(figure.data[-2:], diagrams.points, strict=True):
            assert len(trace.x) == len(points)
            finite = np.isfinite(points[:, 1])
            assert (np.asarray(trace.y)[finite] == points[finite, 1]).all()
            assert max(trace.y) <= figure.layout.yaxis.range[1]


def test_an_empty_dimension_can_be_drawn():
    diagrams = at.persistence_diagrams(np.zeros((2, 2)))
    figure = plot_diagrams(diagrams, 0.0, shared_end(diagrams, diagrams, 0.0))
    assert len(figure.data[-1].x) == 0
    plot_betti_curves(diagrams, diagrams, 1, (0.0, 0.0), 0.2, ("A", "B"))


def test_betti_curves_start_at_all_tokens_and_end_at_one(topology):
    figure = plot_betti_curves(
        topology.diagrams, topology.diagrams, 0, (SCALE, SCALE), 0.2, ("A", "B")
    )
    assert figure.data[0].y[0] == 257
    assert figure.data[0].y[-1] == 1
    assert figure.data[0].line.dash == "solid"
    assert figure.data[1].line.dash == "dash"


def test_the_colours_are_eight_different_ones():
    assert len(set(COMPONENT_COLOURS)) == 8


def test_what_is_not_validated_when_it_is_made_is_valid(skeleton, topology, tokens):
    layout = distance_layout(topology.distances)
    diagrams = topology.diagrams
    figures = [
        plot_skeleton(skeleton, skeleton.edges, layout, tokens),
        plot_skeleton(skeleton, skeleton.edges, layout, tokens, "photo"),
        plot_diagrams(diagrams, SCALE, 0.2),
        plot_diagrams(diagrams, SCALE, 0.2, (1, 0)),
        plot_betti_curves(diagrams, diagrams, 1, (SCALE, 0.1), 0.2, ("A", "B")),
        plot_matching(diagrams, diagrams, 0, bottleneck_matching(diagrams, diagrams, 0), 0.2),
        plot_matching(diagrams, diagrams, 1, bottleneck_matching(diagrams, diagrams, 1), 0.2, 3),
    ]
    for figure in figures:
        go.Figure(figure.to_dict())  # raises on anything that Plotly doesn't know


def test_a_matchings_lines_join_what_it_matches():
    """Bars with easy numbers; the last of B has no partner and goes to the diagonal's nearest."""
    first, second = (diagrams_of(*bars) for bars in ([(0.1, 0.4)], [(0.1, 0.5), (0.2, 0.24)]))
    matching = Matching(0.1, np.array([[0, 0], [-1, 1]]), np.array([0.1, 0.02]))
    _, lines, largest, a, b = plot_matching(first, second, 1, matching, 1.0).data
    gap = [np.nan, np.nan]
    expected = [[0.1, 0.4], [0.1, 0.5], gap, [0.22, 0.22], [0.2, 0.24], gap]
    assert np.allclose(np.transpose([lines.x, lines.y]), expected, equal_nan=True)
    assert np.allclose(np.transpose([largest.x, largest.y]), expected[:3], equal_nan=True)
    assert (list(a.x), list(a.y), list(b.x), list(b.y)) == ([0.1], [0.4], [0.1, 0.2], [0.5, 0.24])
    # Components, which are all born at 0, on two axes of deaths.
    components = Matching(0.1, np.array([[0, -1], [1, 0]]), np.array([0.1, 0.0]))
    diagrams = (
        diagrams_of(dimension_0=[(0, 0.2), (0, np.inf)]),
        diagrams_of(dimension_0=[(0, np.inf)]),
    )
    lines, largest, a, b = plot_matching(*diagrams, 0, components, 1.0).data
    expected = [[0, 0.2], [0.15, 0.2], gap, [0, 1.07], [1, 1.07], gap]
    assert np.allclose(np.transpose([lines.x, lines.y]), expected, equal_nan=True)


def diagrams_of(*bars, dimension_0=()) -> at.Diagrams:
    points = (np.reshape(dimension_0, (-1, 2)), np.reshape(bars, (-1, 2)))
    return at.Diagrams(tuple(one.astype(float) for one in points))


def test_edges_and_nodes_have_the_colours_of_their_components(skeleton, topology, tokens):
    layout = distance_layout(topology.distances)
    *edges, nodes = plot_skeleton(skeleton, skeleton.edges, layout, tokens).data
    scale = {round(x * (7 - SINGLE)) + SINGLE: colour for x, colour in nodes.marker.colorscale}
    assert scale == {number: hex_colour(number) for number in range(SINGLE, 8)}
    assert np.array_equal(np.asarray(nodes.marker.color), skeleton.colours)
    numbers = skeleton.colours[skeleton.edges[:, 0]]
    expected = {hex_colour(number): (numbers == number).sum() for number in np.unique(numbers)}
    gaps = {trace.line.color: np.isnan(np.asarray(trace.x)).sum() for trace in edges}
    assert gaps == expected


def test_heat_maps_put_layers_up_and_heads_across():
    values = np.arange(12.0).reshape(4, 3)
    values[0, 1] = np.nan
    figure = plot_heads(values, marked=(2, 1))
    heat, cells = figure.data
    assert (heat.zmin, heat.zmax) == (0, 11)
    assert np.array_equal(np.asarray(heat.z), values, equal_nan=True)
    for x, y, text in zip(cells.x, cells.y, cells.text, strict=True):
        known = np.isfinite(values[y, x])
        assert text == (f"{values[y, x]:.4g}" if known else "not computed yet")
    (box,) = figure.layout.shapes
    assert (box.x0, box.x1, box.y0, box.y1) == (0.5, 1.5, 1.5, 2.5)
    signed = plot_heads(values - 9, signed=True).data[0]
    assert (signed.zmin, signed.zmax) == (-9, 9)


def test_the_curve_by_layer_does_not_lead_over_layers_without_a_value():
    values = np.full((10, 3), np.nan)
    values[:4] = np.arange(12).reshape(4, 3)
    values[9, 1] = 5.0
    band, mean = plot_by_layer({"A": values}, "anything").data
    assert list(mean.x) == list(range(10))
    assert np.isnan(mean.y[4:9]).all()
    np.testing.assert_array_equal(np.isfinite(mean.y), [True] * 4 + [False] * 5 + [True])
    assert "markers" in mean.mode  # or the last one couldn't be seen
    assert list(band.x) == [0, 1, 2, 3, 3, 2, 1, 0, None, 9, 9]
    assert list(band.y) == [0, 3, 6, 9, 11, 8, 5, 2, None, 5, 5]
    assert mean.y[:4].tolist() == [1, 4, 7, 10]
    assert len(plot_by_layer({"A": values[4:9]}, "nothing").data) == 0


def test_a_crocker_plot_is_drawn_by_logarithm():
    betti = np.array([[257.0, 3.0, 1.0], [257.0, 8.0, 1.0]])
    figure = plot_crocker(betti, np.array([0, 0.1, 0.2]), 0.1, "components", 257)
    heat = figure.data[0]
    assert np.allclose(np.asarray(heat.z), np.log(1 + betti))
    assert heat.zmax == np.log(258)
    assert heat.colorbar.ticktext == ("0", "1", "3", "10", "30", "100")


def test_the_report_is_one_page_that_needs_nothing_else(coffee, astronaut):
    about = {"a": "<b>coffee</b>", "scale of A": "0.041", "scale of B": "0.047"}
    about |= {"model": "embedded", "distance": "double-softmax", "layer": "9"}
    topologies = [at.analyse(one, 9, 3) for one in (coffee, astronaut)]
    sides = tuple(
        ReportSide(
            "a <photo>",
            one,
            at.skeleton_at(one.distances, one.tree, SCALE),
            token_grid(attention, ("class </script>",), one.distances.tokens),
            at.distance_layout(one.distances),
        )
        for one, attention in zip(topologies, (coffee, astronaut), strict=True)
    )
    rows = at.numbers(*topologies, SCALE)
    page = report_html(about, rows, sides, all_matchings(*(one.diagrams for one in topologies)))
    body = page[page.index("<body>") :]
    figures = re.findall(r"<script type='application/json'>(.*?)</script>", body)
    assert body.count("class='plot'") == len(figures) == 7
    assert all(json.loads(one)["data"] for one in figures)
    packed = re.search(r"id='packed'>([^<]*)<", body)[1]
    assert gzip.decompress(base64.b64decode(packed)).decode() == get_plotlyjs()
    assert len(page) < 3.2e6  # to be sent by mail
    assert "<photo>" not in body
    assert "&lt;b&gt;coffee" in body
    # By the names that the page has, and with what its counts and colours mean.
    where = f"model DINOv2-S, saliency-tuned, layer 9, distance {DISTANCES['double-softmax'].label}"
    assert f"two photos: {where}, scale of A 0.041, scale of B 0.047.</p>" in body
    assert "Patches of one colour are one connected component" in body
    for side in sides:
        skeleton = side.skeleton
        assert components_text(skeleton.n_components, skeleton.n_single) in body
    for row in rows:
        assert f"<td>{number_text(row['between A and B'])}</td>" in body
    (share,) = (row for row in rows if row["quantity"] == "share of edges")
    assert f"<td>share of edges</td><td>{share_text(share['A'])}</td>" in body
    assert 'src="http' not in page


WHILE_PANDAS_IS_LOADED = """
import importlib.abc, sys, threading
import numpy as np
from attntopo.figures.atlas import plot_heads
from attntopo.figures.stability import plot_strengths

assert "pandas" not in sys.modules

class Slowly(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "pandas.core":
            begun.set()
            assert drawing.wait(60)
            threading.Event().wait(0.5)  # whoever draws gets as far as it gets
        return None

begun, drawing = threading.Event(), threading.Event()
sys.meta_path.insert(0, Slowly())
loading = threading.Thread(target=__import__, args=("pandas",))
loading.start()
assert begun.wait(60)
assert not hasattr(sys.modules["pandas"], "Series")
drawing.set()
"""


@pytest.mark.parametrize(
    "drawn",
    [
        "plot_heads(np.eye(3))",
        "plot_strengths(['weak', 'strong'], [None, None], [], 0)",
    ],
)
def test_a_figure_can_be_drawn_while_another_thread_loads_pandas(drawn):
    """Plotly looks for pandas' classes in whatever is there of it."""
    code = f"{WHILE_PANDAS_IS_LOADED}{drawn}\nloading.join()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)
