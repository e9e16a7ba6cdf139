"""The presets: views worth starting from, each an ordinary link."""

from __future__ import annotations

from dataclasses import dataclass

from attntopo.view import View


@dataclass(frozen=True)
class Preset:
    """A view worth starting from.

    Attributes
    ----------
    label : str
        Its name on the page.
    view : View
    seen : str
        What one sees there, in a sentence.
    """

    label: str
    view: View
    seen: str


PRESETS = (
    Preset(
        "Notebook's settings",
        View(model="google/vit-base-patch16-224"),
        "The notebook this began as: ViT-Base/16, layer 1, head 2, scale 0.05.",
    ),
    Preset(
        "Objects are components",
        View("astronaut", "coffee", layer=9, head=3),
        "Components follow the objects. In A the wall, the flag, the suit, the collar and the "
        "helmet are components of their own; in B the table falls in two, and its left half takes "
        "the saucer's rim and the cup's inside along.",
    ),
    Preset(
        "Man, sky and lawn",
        View("camera", "coins", layer=10, head=2, distance="jensen-shannon", scale=0.15),
        "In A the coat, the head, the sky, the lawn and the tripod are components of their own; "
        "in B the ground, and most of the coins together.",
    ),
)
