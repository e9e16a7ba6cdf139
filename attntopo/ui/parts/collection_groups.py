"""The Collection page's two groups: which heads and features tell them apart, and how surely."""

from functools import partial

import streamlit as st

from attntopo import exports
from attntopo.analysis import CollectionError, group_rows, largest_by_head
from attntopo.effort import SHORT
from attntopo.figures.atlas import plot_heads
from attntopo.figures.collection import plot_two_groups
from attntopo.models import ModelInfo
from attntopo.ui import session
from attntopo.ui.parts import asked_panel, collection_choices
from attntopo.ui.parts.asked_panel import Asked
from attntopo.ui.parts.collection_distances import CONFIG
from attntopo.ui.parts.collection_sheet import about_photos
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.parts.downloads import button, in_one
from attntopo.ui.results.collection import Collection
from attntopo.ui.results.collection_features import CollectionFeatures, ComparedGroups
from attntopo.ui.runtime import shared
from attntopo.wording import counted

_KIND = "groups"
_SHOWN_ROWS = 200


class GroupsSection:
    """The section of two groups of a collection.

    Parameters
    ----------
    collection : Collection
    info : ModelInfo
        Of the model that is run.
    """

    def __init__(self, collection: Collection, info: ModelInfo) -> None:
        self._collection, self._info = collection, info
        self._features: CollectionFeatures | None = None
        self._groups = collection_choices.groups_of(collection.photos)
        if all(self._groups):
            self._features = CollectionFeatures(collection, self._groups)

    @property
    def is_waited_for(self) -> bool:
        """Whether `fill_in` will wait for what it computes."""
        features = self._features
        return features is not None and asked_panel.is_asked(_KIND, features.key, features.count)

    def draw(self, *, is_last: bool) -> None:
        """Draw the choice of groups, and what is known of them.

        Parameters
        ----------
        is_last : bool
            Whether the page is done when it is drawn. Else a fragment would wait for that.
        """
        photos, groups = self._collection.photos, self._groups
        st.markdown("### Two groups: which heads and features tell them apart?")
        names = {one.id: one.name for one in photos}
        for number, (column, name) in enumerate(
            zip(st.columns(2), collection_choices.NAMES, strict=True)
        ):
            key = f"group {number}"
            st.session_state[key] = groups[number]  # the link, or a lasso, may have changed it
            column.multiselect(
                name.capitalize(),
                list(names),
                format_func=names.__getitem__,
                key=key,
                on_change=self._take,
                args=(number, key),
            )
        explain(
            "Of every feature of all heads: the AUC, the share of pairs of photos, one of each "
            "group, in which the first group's has the larger number. p is of the largest of all "
            "AUCs together, so that many heads are no excuse. Groups that were chosen by looking "
            "at these numbers, or at distances made of them, are told apart by them of course: p "
            "says nothing of those."
        )
        if self._features is None:
            explain("Choose photos for both groups, here or by a lasso on the map.")
            return
        done, total = self._features.count()
        self._place = st.container()
        if done == total:
            try:
                compared = self._features.compared(shared.own_slot())
            except CollectionError as error:
                explain(str(error))
                return
            draw = partial(self._draw_known, compared, self._features)
            (st.fragment(draw) if is_last else draw)()

    def _take(self, number: int, key: str) -> None:
        there = {one.id for one in self._collection.photos}
        chosen = [one for one in st.session_state[key] if one in there]
        collection_choices.put_group(self._collection.photos, number, chosen)

    def fill_in(self) -> None:
        """Offer what is missing, and compute it if asked."""
        features = self._features
        if features is None:
            return
        asked = Asked(
            _KIND,
            features.key,
            f"Measure all heads of {counted(len(features.photos), 'photo')}",
            features.effort.seconds,
            features.refusal,
            "head",
            features.count,
            partial(features.work, shared.own_slot()),
        )
        asked_panel.fill_in(asked, self._place)

    def _draw_known(self, compared: ComparedGroups, features: CollectionFeatures) -> None:
        comparison, labels = compared.comparison, compared.labels
        (st.info if comparison.can_tell else st.warning)(comparison.text)
        rows = group_rows(comparison, labels)
        of_heads, of_best = st.columns(2)
        with of_heads:
            st.markdown("**How clearly each head tells them apart**")
            st.plotly_chart(
                plot_heads(largest_by_head(comparison, labels), (0.0, 0.5)),
                key="groups by head",
                config=CONFIG,
                alt="The largest distance of an AUC from one half, for every layer and head.",
            )
            explain(
                "The largest |AUC − 1/2| of the head's features: 0.5 is without an overlap. The "
                "best of so many features is high by chance already, the more so the fewer photos "
                "there are: read this map only where the sentence above says that they are told "
                "apart."
            )
        with of_best:
            number = st.selectbox(
                "Photos by",
                comparison.ranking[:_SHOWN_ROWS].tolist(),
                format_func=lambda k: _label(labels[k]),
                key=f"groups by number {hash(features.key)}",
                on_change=session.write,
            )
            n = len(features.groups[0])
            names = [one.name for one in features.photos]
            values = compared.values[:, number]
            first, second = collection_choices.NAMES
            st.plotly_chart(
                plot_two_groups(
                    (values[:n], values[n:]),
                    (names[:n], names[n:]),
                    (first, second),
                    _label(labels[number]),
                ),
                key="groups by feature",
                config=CONFIG,
                alt=f"{_label(labels[number])} of the photos of both groups.",
            )
        st.dataframe(
            rows[:_SHOWN_ROWS],
            hide_index=True,
            height=300,
            column_config={
                "AUC": st.column_config.NumberColumn(format="%.3f"),
                "corrected p": st.column_config.NumberColumn(format="%.4f"),
            },
        )
        explain(f"The first {min(len(rows), _SHOWN_ROWS):,} of {len(rows):,}; the file has all.")
        about = about_photos(self._collection, self._info, session.current())
        about |= {
            "photos in the first group": str(comparison.sizes[0]),
            "photos in the second group": str(comparison.sizes[1]),
            "test": comparison.text,
        }
        table = in_one(lambda: exports.rows_csv(about, rows), SHORT)
        button("Download the table of groups", "attntopo-collection-groups", "CSV", table)


def _label(label: tuple[int, int, str]) -> str:
    layer, head, feature = label
    return f"({layer}, {head}) {feature}"
