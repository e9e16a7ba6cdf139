"""The Collection page's distances: which, how they lie, how well they agree; downloads."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from attntopo import exports
from attntopo.analysis import (
    BASELINES,
    N_NEIGHBOURS,
    PHOTO_DISTANCES,
    CollectionError,
    PairDistances,
    cluster_photos,
    mantel_test,
    map_photos,
    nearest_photos,
    outlier_scores,
)
from attntopo.effort import SHORT
from attntopo.figures.collection import plot_map, plot_neighbours
from attntopo.figures.photo_marks import thumbnail_url
from attntopo.figures.photo_trees import plot_clustered, plot_tree
from attntopo.models import ModelInfo
from attntopo.ui import session
from attntopo.ui.parts import asked_panel, collection_choices, widgets
from attntopo.ui.parts.asked_panel import Asked
from attntopo.ui.parts.collection_sheet import about_photos
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.parts.downloads import button, in_one
from attntopo.ui.results.collection import Collection
from attntopo.ui.results.collection_distances import CollectionDistances
from attntopo.ui.results.collection_photos import CollectionPhoto
from attntopo.ui.runtime import shared
from attntopo.wording import counted

CONFIG = {"displaylogo": False, "displayModeBar": False}
_KIND = "distances"
_PICTURES = ("Heat map", "Tree", "Map", "Neighbours", "Outliers")
_CAPTIONS = {
    "Heat map": "Dark cells are photos near each other. The order is that of the tree above: "
    "average linkage, turned so that neighbours in it are as near as it allows.",
    "Tree": "Two groups join where the mean distance between their photos is (average linkage).",
    "Map": "Photos near each other on the map are so in truth as far as the stress is small; the "
    "directions mean nothing. A lasso selects photos.",
    "Neighbours": f"The {N_NEIGHBOURS} photos nearest to one, by this distance and by the "
    "baselines.",
    "Outliers": f"How far a photo is from those nearest to it: the median distance to its "
    f"{N_NEIGHBOURS} nearest photos. A rank says how many photos are at least as far out.",
}


class DistancesSection:
    """The section of a collection's distances.

    Parameters
    ----------
    collection : Collection
    info : ModelInfo
        Of the model that is run.
    """

    def __init__(self, collection: Collection, info: ModelInfo) -> None:
        self._collection, self._info = collection, info
        self._distances: CollectionDistances | None = None
        if len(collection.photos) > 1 and not collection.missing:
            self._distances = CollectionDistances(collection, session.current().between)

    @property
    def is_waited_for(self) -> bool:
        """Whether `fill_in` will wait for what it computes."""
        distances = self._distances
        return distances is not None and asked_panel.is_asked(_KIND, distances.key, distances.count)

    def draw(self, *, is_last: bool) -> None:
        """Draw what is known; the rest is offered once all photos are computed.

        Parameters
        ----------
        is_last : bool
            Whether the page is done when it is drawn. Else a fragment would wait for that.
        """
        collection = self._collection
        st.markdown("### Distances between the photos")
        widgets.bound(
            st.selectbox,
            "between",
            "Distance",
            list(PHOTO_DISTANCES),
            format_func=lambda key: PHOTO_DISTANCES[key].label,
        )
        measure = session.current().between
        explain(
            f"{PHOTO_DISTANCES[measure].explanation} In our study of photos, bottleneck distances "
            "of one head told photos apart mostly worse than the photos' pixels did, 1-Wasserstein "
            "distances not measurably better: see What holds. Sliced Wasserstein, persistence "
            "images and features weren't in it. So two baselines stand beside each."
        )
        if self._distances is None:
            explain(
                "They can be computed once all photos above are."
                if collection.missing
                else "There is a distance where there are two photos or more."
            )
            return
        pairs = self._distances.known(measure)
        if pairs and self._distances.is_complete:
            draw = partial(self._draw_known, pairs, self._distances)
            (st.fragment(draw) if is_last else draw)()
        self._place = st.container()
        if why_not := self._distances.why_not(measure):
            explain(why_not)

    def fill_in(self) -> None:
        """Offer what is missing, and compute it if asked."""
        distances = self._distances
        if distances is None or distances.why_not(distances.measure):
            return
        n = len(distances.photos)
        asked = Asked(
            _KIND,
            distances.key,
            f"Measure {counted(n * (n - 1) // 2, 'distance')}",
            distances.effort.seconds,
            distances.refusal,
            "piece",
            distances.count,
            partial(distances.work, shared.own_slot()),
        )
        asked_panel.fill_in(asked, self._place)

    def _draw_known(self, pairs: PairDistances, distances: CollectionDistances) -> None:
        if pairs.note:
            explain(pairs.note)
        shown = st.segmented_control(
            "Shown as",
            _PICTURES,
            default=_PICTURES[0],
            required=True,
            key="distances shown as",
            on_change=session.write,
            label_visibility="collapsed",
        )
        shown = shown if shown in _PICTURES else _PICTURES[0]
        try:
            self._draw_shown(shown, pairs, distances)
        except CollectionError as error:
            explain(str(error))
            return
        explain(_CAPTIONS[shown])
        self._say_agreement(pairs, distances)
        self._downloads(pairs, distances)

    def _draw_shown(self, shown: str, pairs: PairDistances, distances: CollectionDistances) -> None:
        photos, values = distances.photos, pairs.values
        names, label = [one.name for one in photos], PHOTO_DISTANCES[pairs.measure].label
        urls = [_thumbnail(one) for one in photos]
        if shown == "Heat map":
            figure = plot_clustered(values, cluster_photos(values), names, urls, label)
            _chart(figure, "heat", f"{label} between all photos, clustered.")
        elif shown == "Tree":
            figure = plot_tree(cluster_photos(values), names, urls, label)
            _chart(figure, "tree", f"Tree of the photos by {label}.")
        elif shown == "Map":
            self._draw_map(values, names, urls, label)
        elif shown == "Neighbours":
            self._draw_neighbours(distances, names, urls)
        else:
            _draw_outliers(values, names)

    def _draw_map(self, values: np.ndarray, names: list[str], urls: list[str], label: str) -> None:
        layout = map_photos(values)
        groups = collection_choices.groups_of(self._collection.photos)
        places = {one.id: number for number, one in enumerate(self._collection.photos)}
        first, second = ([places[one] for one in group] for group in groups)
        figure = plot_map(layout, names, urls, (first, second))
        event: Any = st.plotly_chart(
            figure,
            key="map of photos",
            config=CONFIG,
            on_select="rerun",
            selection_mode=("points", "lasso", "box"),
            alt=f"Map of the photos by {label}.",
        )
        explain(
            f"Stress {layout.stress:.2f} (Kruskal's stress-1 of classical scaling: 0 is a map "
            f"without error), {100 * (layout.variance_share or 0):.0f} % of the variance."
        )
        selected = _selected_photos(event, self._collection.photos)
        if selected:
            st.text(f"Selected: {', '.join(one.name for one in selected)}")
            collection_choices.offer(self._collection.photos, [one.id for one in selected])

    def _draw_neighbours(
        self, distances: CollectionDistances, names: list[str], urls: list[str]
    ) -> None:
        n = len(names)
        photo = st.selectbox(
            "Neighbours of",
            range(n),
            format_func=names.__getitem__,
            key=f"neighbours of {n}",
            on_change=session.write,
        )
        rows = {}
        for measure in distances.measures:
            pairs = distances.known(measure)
            if pairs is not None:
                near = nearest_photos(pairs.values, photo)
                label = PHOTO_DISTANCES[measure].label
                baseline = " (baseline)" if measure in BASELINES else ""
                rows[label + baseline] = [(k, float(pairs.values[photo, k])) for k in near]
        figure = plot_neighbours(rows, names, urls)
        _chart(figure, "neighbours", f"The nearest photos of {names[photo]}.")

    def _say_agreement(self, pairs: PairDistances, distances: CollectionDistances) -> None:
        for measure in BASELINES:
            other = distances.known(measure)
            if measure == pairs.measure:
                continue
            label = PHOTO_DISTANCES[measure].label
            if other is None:
                explain(f"Baseline {label}: {distances.why_not(measure)}")
                continue
            try:
                said = _mantel(distances, pairs, other)
            except CollectionError as error:
                said = str(error)
            explain(f"Agreement with the baseline {label}: {said}")

    def _downloads(self, pairs: PairDistances, distances: CollectionDistances) -> None:
        about = about_photos(self._collection, self._info, session.current())
        about["between"] = pairs.measure
        known = {
            measure: one.values
            for measure in distances.measures
            if (one := distances.known(measure)) is not None
        }
        names = [one.name for one in distances.photos]
        with st.container(horizontal=True):
            button(
                "Download all distances",
                "attntopo-collection-distances",
                "CSV",
                in_one(lambda: exports.pairs_csv(about, names, known), SHORT),
            )


def _mantel(distances: CollectionDistances, pairs: PairDistances, other: PairDistances) -> str:
    """Say how well two distances agree; tested once."""
    key = (*distances.key, "mantel", other.measure)
    text: str = shared.kept_results().get_or_compute(
        key, lambda: mantel_test(pairs.values, other.values).text
    )
    return text


def _draw_outliers(values: np.ndarray, names: list[str]) -> None:
    scores = outlier_scores(values)
    ranks = (scores[None, :] >= scores[:, None]).sum(axis=1)
    order = np.argsort(-scores, kind="stable").tolist()
    st.dataframe(
        [
            {"photo": names[k], "rank": int(ranks[k]), "how far out": float(scores[k])}
            for k in order
        ],
        hide_index=True,
        height=min(420, 40 + 35 * len(order)),
        column_config={"how far out": st.column_config.NumberColumn(format="%.4g")},
    )


def _selected_photos(event: Any, photos: list[CollectionPhoto]) -> list[CollectionPhoto]:
    """Return the photos of a lasso; a program in a browser's place may say anything."""
    points = event["selection"].get("points")
    numbers = set()
    for point in points if isinstance(points, list) else []:
        number = point.get("customdata") if isinstance(point, dict) else None
        number = number[0] if isinstance(number, list) and len(number) == 1 else number
        if type(number) is int and 0 <= number < len(photos):
            numbers.add(number)
    return [photos[number] for number in sorted(numbers)]


def _chart(figure: Any, key: str, words: str) -> None:
    st.plotly_chart(figure, key=f"{key} of photos", config=CONFIG, alt=words)


def _thumbnail(photo: CollectionPhoto) -> str:
    """Return a photo's smallest picture, made once."""
    key = ("thumbnail", *photo.key)
    url: str = shared.kept_results().get_or_compute(key, lambda: thumbnail_url(photo.unpacked()))
    return url
