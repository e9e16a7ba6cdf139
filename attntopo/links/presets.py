"""The presets: views worth starting from, each an ordinary link."""

from dataclasses import dataclass

from attntopo.links.photo_names import RING
from attntopo.links.view import View
from attntopo.models import EMBEDDED, untrained_id


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
        "Components and objects",
        View(),
        "In A the man's hair, the sky and the lawn are components of their own, and the coat is "
        "one with the dark horizon; in B the cup, half of the saucer and the table. At another "
        "scale they are others: the tripod joins the lawn at 0.183.",
    ),
    Preset(
        "Both eyes of a cat",
        View("chelsea", "astronaut", layer=10, head=0, scale=0.21),
        "Picked by hand: in A both eyes are one component, though they lie apart: steps between "
        "patches that attend alike lead from one to the other. In B the suit, the collar and the "
        "helmet are components of their own.",
    ),
    Preset(
        "Untrained twin",
        # A twin's distances are ten times as small: at a scale of both, all of it would be one.
        View(
            "chelsea",
            "chelsea",
            layer=10,
            head=0,
            share=90.0,
            model_b=untrained_id(EMBEDDED),
            layer_b=10,
            head_b=0,
        ),
        "The cat twice, each at its own scale. In A, by the trained model, face, background and "
        "both eyes as one are components; in B, by its untrained twin with random weights, nearly "
        "all is one. Choose camera for both: there the dark man comes apart without any training.",
    ),
    Preset(
        "A loop round the saucer",
        View(
            "coffee",
            "camera",
            layer=9,
            head=5,
            distance="jensen-shannon",
            scale=0.3,
            selection="a-h1-44",
        ),
        "The pink ring is A's longest-lasting loop (H1): it runs round the saucer, from the scale "
        "0.185 to 0.411. All patches are one component here, and still the loop is open. It is an "
        "exception, picked by hand: loops mostly outline objects poorly.",
    ),
    Preset(
        "A synthetic ring",
        View(
            RING,
            RING,
            layer=0,
            head=0,
            distance="jensen-shannon",
            scale=0.3,
            selection="a-h1-0",
            model_b=EMBEDDED,
            layer_b=0,
            head_b=1,
        ),
        "Attention made by code, to check the eye: in A each patch of the ring attends to those "
        "near it along the ring, so the ring is a component with a loop in it, and all the other "
        "tokens are a second component; in B the ring has a gap, which leaves two components and "
        "no loop.",
    ),
    Preset(
        "Notebook's settings",
        View(
            "astronaut",
            "camera",
            model="google/vit-base-patch16-224",
            layer=1,
            head=2,
            distance="double-softmax",
            scale=0.05,
        ),
        "The notebook this began as: ViT-Base/16, layer 1, head 2, scale 0.05.",
    ),
)
"""The views that the Compare page offers to begin with, in its order."""
