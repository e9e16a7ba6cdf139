"""The library's steps as the pages call them: each computed once, its result kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from attntopo.analysis import HeadTopology, analyse, analysis_effort
from attntopo.attention import ROLLOUT, Attention
from attntopo.effort import Effort
from attntopo.links import HeadChoice, View
from attntopo.models import OWN_INPUT, Model, ModelInfo, ModelInput, attention_effort
from attntopo.topology import Layout, distance_layout, layout_effort
from attntopo.ui.results import models, ready_attention
from attntopo.ui.results.attention_budget import layers_kept
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import Slot, StatusLine, shared
from attntopo.wording import duration_text

_WORTH_SAYING = 2.0  # seconds

ModelRun = tuple[str, ModelInput]
"""Model and commit, and what the model was given of a photo."""

HeadKey = tuple[ModelRun, int, int | str, str, str]
"""The model's run, layer, head, distance, tokens: all a topology depends on but the photo."""


def attend(photo: PhotoInput, choice: HeadChoice, status: StatusLine) -> Attention:
    """Return a photo's attention in the layer that is looked at, for a page that will wait.

    The model is run once. All layers that are kept, see `layers_kept`, come along only where they
    are needed: for rollout, and in attention that was given, which the session holds anyway. A page
    that waits for other visitors' work would hold them beside all that is counted.
    """
    name = photo.photo.name
    attention = _attention(
        photo,
        choice,
        lambda: (models.loaded_model(choice.model, status),),
        partial(slot, f"Running the model on {name}", status),
        lambda: status.say(f"Waiting for {name}, which another visitor asked for too …"),
    )
    whole = photo.given is not None or choice.head == ROLLOUT
    return attention if whole else attention.of_layer(choice.layer)


def kept_attention(photo: PhotoInput, choice: HeadChoice, slot: Slot) -> Attention:
    """Return the same where no page is drawn: as it is kept, else computed again.

    A session's fragments and downloads ask for it by this. If they held on to attention itself,
    it would stay in memory beside all that is counted.

    Parameters
    ----------
    photo : PhotoInput
    choice : HeadChoice
    slot : callable
        Gives the slot in which the model is run if need be.
    """
    return _attention(photo, choice, lambda: (models.loaded_model(choice.model),), slot)


def kept_layers(photo: PhotoInput, choice: HeadChoice) -> tuple[int, ...] | None:
    """Say of which layers `kept_attention` returns attention; None for all."""
    if photo.given is not None:
        return photo.given.layers
    return layers_kept(model_info(photo, choice), choice.layer, choice.head == ROLLOUT)


def kept_bytes(photo: PhotoInput, choice: HeadChoice) -> int:
    """Say how many bytes the maps take that `kept_attention` returns."""
    if photo.given is not None:
        return photo.given.maps.nbytes
    info, layers = model_info(photo, choice), kept_layers(photo, choice)
    return info.layer_bytes * (info.n_layers if layers is None else len(layers))


def model_effort(photo: PhotoInput, choice: HeadChoice) -> Effort:
    """Estimate what a run of the model on a photo takes."""
    return attention_effort(model_info(photo, choice))


def model_info(photo: PhotoInput, choice: HeadChoice) -> ModelInfo:
    """Return what a model makes of a photo."""
    size = photo.photo.pixels.shape[:2]
    return models.describe(choice.model).with_input(choice.input, size)


def _attention(
    photo: PhotoInput,
    choice: HeadChoice,
    model: Callable[[], tuple[Model]],
    slot: Slot,
    waiting: Callable[[], object] | None = None,
) -> Attention:
    if photo.given is not None:
        return photo.given
    model_key = models.model_key(choice.model)
    shared.kept_results().get(model_key)  # in use, so that it isn't pushed out
    info, layers = model_info(photo, choice), kept_layers(photo, choice)
    what = choice.input, layers, choice.head == ROLLOUT and layers is not None
    key = ("attention", *photo.key, model_key[-1], *what)

    def compute() -> Attention:
        return shared.compute_once(
            key,
            lambda network: network.attend(photo.photo, *what),
            slot,
            attention_effort(info),
            inputs=model,
            waiting=waiting,
        )

    first = ready_attention.is_first(photo, choice.model) and what == (OWN_INPUT, None, False)
    if not first or shared.kept_results().get(key) is not None:
        return compute()

    def check() -> Attention:
        network = models.loaded_model(choice.model)
        with shared.background_slot():
            return network.attend(photo.photo)

    lasting_key = ("attention", *photo.lasting_key, model_key[-1])
    ready = ready_attention.read(lasting_key, check)
    if ready is not None:
        return shared.kept_results().get_or_compute(key, lambda: ready)
    attention = compute()
    ready_attention.keep(lasting_key, attention)
    return attention


def head_key(view: View, side: str) -> HeadKey:
    """Return what a side's topology depends on besides its photo."""
    # Nobody is asked here: a model that wasn't described yet made none of the attention.
    choice = view.side(side)
    run = models.known_version(choice.model), choice.input
    return run, choice.layer, choice.head, view.distance, view.tokens


def of_all_heads(head: HeadKey) -> tuple[ModelRun, str, str]:
    """Leave layer and head out: the model's run, distance, tokens."""
    run, _layer, _head, distance, tokens = head
    return run, distance, tokens


def depends_on(head: HeadKey, photo: PhotoInput) -> HeadKey:
    """Leave the model out where attention was given: another model changes nothing there."""
    return (("", OWN_INPUT), *head[1:]) if photo.given else head


def analyse_head(
    photo: PhotoInput, attended: Attention, head: HeadKey, status: StatusLine
) -> HeadTopology:
    """Return a head's topology, computed once.

    Parameters
    ----------
    photo : PhotoInput
    attended : Attention
        Of the same photo.
    head : tuple
        From `head_key`.
    status : StatusLine
    """
    step = f"Measuring distances and persistence of {photo.photo.name}"
    return kept_topology(photo, attended, head, partial(slot, step, status))


def kept_topology(
    photo: PhotoInput, attended: Attention, head: HeadKey, slot: Slot
) -> HeadTopology:
    """Return the same where no page is drawn, computed in a slot if need be."""
    return shared.compute_once(
        ("topology", *photo.key, *depends_on(head, photo)),
        lambda: analyse(attended, *head[1:]),
        slot,
        analysis_effort(attended.n_tokens, head[3]),
    )


def lay_out(photo: PhotoInput, head: HeadKey, topology: HeadTopology, slot: Slot) -> Layout:
    """Return the 3D layout that comes from a head's distances, computed once."""
    return shared.compute_once(
        ("layout", *photo.key, *depends_on(head, photo)),
        lambda: distance_layout(topology.distances),
        slot,
        layout_effort(len(topology.distances.values)),
    )


@contextmanager
def slot(step: str, status: StatusLine, effort: Effort) -> Iterator[None]:
    """Hold a slot at heavy work for this visitor, and name the step on the page.

    Parameters
    ----------
    step : str
    status : StatusLine
        Where the step is named, and meanwhile the place in the queue.
    effort : Effort
        What it takes: said where that is worth waiting for.
    """
    if effort.seconds >= _WORTH_SAYING:
        step += f", up to {duration_text(effort.seconds)}"

    def waiting(number: int) -> None:
        status.say(f"{step}: waiting for other visitors' work, number {number} in the queue …")

    with shared.queue().slot(shared.session_key(), waiting, is_long=effort.is_long):
        status.say(f"{step} …")
        yield
