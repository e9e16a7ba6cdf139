"""Two heads of the same photo: whether their tokens correspond, and how they compare then."""

from functools import partial

from attntopo.analysis import TokenComparison, compare_tokens, token_comparison_effort
from attntopo.ui.results import steps
from attntopo.ui.results.panels import Panels, pair_key
from attntopo.ui.runtime import StatusLine, named_slot, shared


def tokens_correspond(panels: Panels) -> bool:
    """Say whether A and B are two heads of the same photo, with the same patches on it.

    One and the same head doesn't count: there is nothing to be compared.
    """
    a, b = panels
    return (
        a.photo.content == b.photo.content
        and a.tokens.grid == b.tokens.grid
        and a.patches_box == b.patches_box
        and steps.depends_on(a.key, a.photo) != steps.depends_on(b.key, b.photo)
    )


def panels_by_token(panels: Panels, status: StatusLine) -> TokenComparison | None:
    """Return how A and B compare token by token, computed once; None where tokens don't correspond.

    Parameters
    ----------
    panels : tuple of PhotoPanel
    status : StatusLine
    """
    if not tokens_correspond(panels):
        return None
    first, second = (one.topology.distances for one in panels)
    result: TokenComparison = shared.compute_once(
        pair_key("by token", panels),
        lambda: compare_tokens(first, second),
        partial(named_slot, "Comparing token by token", status),
        token_comparison_effort(max(len(first.values), len(second.values))),
    )
    return result
