"""Token by token on the Atlas page: every head against a chosen one, or its untrained twin."""

from attntopo.analysis import Head, Quantity
from attntopo.ui.parts.asked_panel import Asked
from attntopo.ui.parts.atlas_asked import KIND, AskedOfHeads
from attntopo.ui.parts.head_names import named_head
from attntopo.ui.results import Heads, asked_work
from attntopo.ui.results.paired_heads import HeadsAgainst, compare_heads
from attntopo.wording import counted


def asked_of_pairs(page: Heads) -> AskedOfHeads:
    """Return how the comparisons of the quantity shown are asked for."""
    kind = page.quantity.of_pairs
    against = page.against[kind]
    can_be = list({one.key: one for one in against if not one.why_not}.values())

    def count() -> tuple[int, int]:
        done = sum(
            head in known for known in (one.known() for one in can_be) for head in page.heads
        )
        return done, len(can_be) * len(page.heads)

    done, total = count()
    effort = asked_work.in_all(against[0].effort(page.n_tokens), total - done)
    refused = asked_work.refusal(effort, "Comparing all heads token by token", "paired_comparison")
    asked = Asked(
        kind=KIND,
        key=("pairs", *page.what, kind, against[0].chosen),
        begin="Compare all heads",
        go_on="Go on comparing",
        help="RTD-lite and merge-height correlation of every head of each photo. It can be "
        "stopped, and what was computed is kept.",
        seconds=effort.seconds,
        refused=refused,
        noun="head",
        count=count,
        work=lambda goes_on: compare_heads(can_be, page.heads, page.n_tokens, goes_on),
    )
    return AskedOfHeads(
        asked,
        say=lambda: [
            _verdict(page, letter, one) for letter, one in zip("AB", against, strict=True)
        ],
    )


def _verdict(page: Heads, letter: str, against: HeadsAgainst) -> str:
    """Say which heads are nearest and farthest."""
    name = f"**{letter}: {page.sides['AB'.index(letter)].title}.**"
    if against.why_not:
        return f"{name} {against.why_not}"
    known = against.known()
    if not known:
        return f"{name} No head is compared yet."
    values = {
        head: value
        for head in page.heads
        if head in known
        and head != against.chosen
        and (value := _value(page.quantity, known[head])) == value
    }
    notes = {one.note: None for one in known.values() if one.note}
    without = sum(bool(one.note) for one in known.values())
    why = f" Without a number {counted(without, 'head')}: {' '.join(notes)}" if notes else ""
    if not values:
        return f"{name}{why or ' No other head is compared yet.'}"
    low, high = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
    least, most = (high, low) if page.quantity.key.startswith("merges") else (low, high)
    if least == most:
        return f"{name} Compared: {_told(least, values)}.{why}"
    other = "its untrained twin" if against.chosen is None else named_head(*against.chosen)
    part = (
        f" {other[0].upper()}{other[1:]} has heads in it that it is compared with: that they are "
        "near says little."
        if against.chosen is not None and not isinstance(against.chosen[1], int)
        else ""
    )
    return (
        f"{name} Nearest to {other}: {_told(least, values)}; farthest: {_told(most, values)}."
        f"{part}{why}"
    )


def _value(quantity: Quantity, compared: object) -> float:
    return float(getattr(compared, quantity.of_comparison))


def _told(head: Head, values: dict[Head, float]) -> str:
    return f"{named_head(*head)} ({values[head]:.4g})"
