"""What is being done, said in a line of reserved room: nothing on the page moves for it."""

from streamlit.delta_generator import DeltaGenerator


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
        """Say nothing any more."""
        self._slot.empty()
