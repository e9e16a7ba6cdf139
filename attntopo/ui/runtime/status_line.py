"""What is being done, said in a line of reserved room: nothing on the page moves for it."""

from streamlit.delta_generator import DeltaGenerator

_AT_REST = "From patches of one colour a head looks at similar places: slide, and watch them join."


class StatusLine:
    """A line in which a step is named while it runs.

    Each call lets Stop, the next move of a slider, and leaving take effect.

    Parameters
    ----------
    slot : DeltaGenerator
        An empty element.
    """

    def __init__(self, slot: DeltaGenerator) -> None:
        self._slot = slot

    def say(self, words: str) -> None:
        """Name the present step; no Markdown."""
        self._slot.text(words)

    def clear(self) -> None:
        """Say what the app is about, as nothing is being done any more."""
        self._slot.markdown(f":small[{_AT_REST}]")
