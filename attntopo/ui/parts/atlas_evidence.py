"""Evidence on the Atlas page: every head's longest loop, or life, against the strictest null."""

from collections.abc import Sequence

from attntopo.analysis import heads_by_chance, is_outlasted_by_all
from attntopo.ui.parts.asked_panel import Asked
from attntopo.ui.parts.atlas_asked import KIND, AskedOfHeads
from attntopo.ui.results import Heads, asked_work, nulls_of_heads
from attntopo.ui.results.nulls_of_heads import N_DRAWS, STRICTEST, HeadOfPhoto
from attntopo.wording import counted

_LONGEST = {"loop": "longest loop", "component": "longest-lived component"}


def asked_of_nulls(page: Heads) -> AskedOfHeads:
    """Return how the draws of all heads' strictest null are asked for."""
    missing = _missing(page.of_photos)
    effort = nulls_of_heads.effort_of(page.n_tokens, page.view.distance, 1, len(missing))
    whole = "Drawing the nulls of all heads"
    refused = asked_work.refusal(effort, whole, "evidence_of_heads")
    heads = [head for both in zip(*page.of_photos, strict=True) for head in both]
    asked = Asked(
        kind=KIND,
        key=("all nulls", *page.what),
        begin="Test all heads",
        go_on="Go on drawing",
        help=f"{N_DRAWS} draws a head of each photo, of seed {nulls_of_heads.SEED}. It can be "
        "stopped, and what was drawn is kept.",
        seconds=effort.seconds,
        refused=f"{refused} Compare tests one head." if refused else "",
        noun="draw",
        count=lambda: (_n_draws(page.of_photos), N_DRAWS * len(_keys(page.of_photos))),
        work=lambda goes_on: nulls_of_heads.draw_heads(heads, [STRICTEST], goes_on),
    )
    return AskedOfHeads(
        asked,
        say=lambda: [
            _verdict(page, letter, heads)
            for letter, heads in zip("AB", page.of_photos, strict=True)
        ],
    )


def _keys(of_photos: Sequence[Sequence[HeadOfPhoto]]) -> dict[object, HeadOfPhoto]:
    """Return all heads, each once where A and B are the same."""
    return {head.draws_key: head for heads in of_photos for head in heads}


def _missing(of_photos: Sequence[Sequence[HeadOfPhoto]]) -> list[HeadOfPhoto]:
    return [head for head in _keys(of_photos).values() if not _is_known(head)]


def _is_known(head: HeadOfPhoto) -> bool:
    known = head.known_draws()
    return known is not None and not known.missing([STRICTEST])


def _n_draws(of_photos: Sequence[Sequence[HeadOfPhoto]]) -> int:
    """Count the draws that are there; a head that has no null counts as drawn."""
    known = (head.known_draws() for head in _keys(of_photos).values())
    return sum(N_DRAWS - len(one.missing([STRICTEST])) for one in known if one is not None)


def _verdict(page: Heads, letter: str, heads: Sequence[HeadOfPhoto]) -> str:
    """Say in how many heads all draws are outlasted, or outlast it, and how many by chance."""
    values = page.values(page.quantity)[letter]
    tested = int((values == values).sum())
    name = f"**{letter}: {page.sides['AB'.index(letter)].title}.**"
    longest = _LONGEST[page.quantity.of_nulls]
    known = [one for head in heads if (one := head.known_draws()) is not None]
    without = sum(bool(one.note) for one in known)
    one_hot = (
        f" In {counted(without, 'head')} half of the patches and more attend to one patch alone: "
        "there is no structure that a null could keep, so nothing is tested."
        if without
        else ""
    )
    if not tested:
        return f"{name} No head is tested yet.{one_hot}"
    outlasting = int((values >= N_DRAWS).sum())
    summaries = page.summaries["AB".index(letter)].values()
    outlasted = sum(is_outlasted_by_all(one, page.quantity.of_nulls) for one in summaries)
    return (
        f"{name} The {longest} outlasts those of all {N_DRAWS} draws in {outlasting} of "
        f"{counted(tested, 'head')}, ticked below, and each draw's outlasts it in {outlasted}; "
        f"{_by_chance(tested, len(heads) - without)}."
        f"{one_hot}"
    )


def _by_chance(tested: int, n_heads: int) -> str:
    """Say what chance would do; heads that somebody chose to rank aren't a sample of all."""
    if tested == n_heads:
        return f"by chance either would in about {heads_by_chance(tested):.1f}"
    return (
        f"by chance any one head has 1 in {N_DRAWS + 1} for either. Not all are tested yet, "
        "and those ranked on Compare were chosen, so their share says little"
    )
