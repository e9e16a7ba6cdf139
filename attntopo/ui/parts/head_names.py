"""What heads are called in words, and the choice of one among all."""

from dataclasses import replace

from attntopo.attention import MEAN
from attntopo.links import CHOSEN, View
from attntopo.models import SharedInfo


def head_options(view: View, info: SharedInfo) -> dict[str, str]:
    """Return the heads that all can be compared with: the link's name and the label of each."""
    layer, head = replace(view, against=CHOSEN).against_head
    options = {CHOSEN: f"the head on Compare: {named_head(layer, head)}"}
    for layer in range(info.n_layers):
        for head in (*range(info.n_heads), MEAN):
            options[f"{layer}-{head}"] = named_head(layer, head)
    return options


def named_head(layer: int, head: int | str) -> str:
    """Name a layer and head, or the mean of a layer's heads."""
    numbered = f"head {head}" if isinstance(head, int) else head
    return f"layer {layer}, {'mean of heads' if head == MEAN else numbered}"
