"""A link's parameters -> what is being looked at, with a note for each that can't be used."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

from attntopo.analysis import opening_head
from attntopo.attention import MEAN, ROLLOUT
from attntopo.distances import DISTANCES, DistanceError, find_distance
from attntopo.links.bounds import CHOSEN, at_most, has_head, largest_scale, last_numbers
from attntopo.links.options import (
    CHOICES,
    DISPLAY_OPTIONS,
    OBJECTS,
    OF_B,
    VERSION,
    middle_strength,
    strengths_of,
)
from attntopo.links.photo_groups import parse_groups
from attntopo.links.photo_names import EXAMPLES, is_private, is_published
from attntopo.links.repair import names_in_words, readings, repaired
from attntopo.links.selection import NOTHING, parse_selection
from attntopo.links.view import View
from attntopo.models import ModelError, ModelInfo, ModelInput, SharedInfo, untrained_id

_WHOLE = re.compile(r"[0-9]{1,4}")
_CAMERA = re.compile(r"(-?[0-9]\.[0-9]{2}),(-?[0-9]\.[0-9]{2}),([0-9]{1,2}\.[0-9]{2})")
_FARTHEST = (3.15, 1.58)
_ZOOMS = (0.3, 12.0)
_DECIMAL = re.compile(r"[0-9]{1,2}(\.[0-9]{1,9})?")
_PERCENT = re.compile(r"100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?")
_OLDER_VERSIONS = {"1"}

Describe = Callable[..., ModelInfo | SharedInfo]
"""Model id, and B's where it has its own -> what there is to look at.

It raises `ModelError` where a model isn't to be had.
"""

Parser = Callable[[str], Any]
"""A parameter's text -> its value; None for text that can't be used."""


def _one_of(words: Collection[str]) -> Parser:
    by_lower = {word.lower(): word for word in words}
    return lambda text: text if text in words else by_lower.get(text.lower())


def _up_to(last: int) -> Parser:
    return lambda text: int(text) if _WHOLE.fullmatch(text) and int(text) <= last else None


def _decimal_up_to(last: float) -> Parser:
    return lambda text: float(text) if _DECIMAL.fullmatch(text) and float(text) <= last else None


def _scale(last: float) -> Parser:
    decimal = _decimal_up_to(last)
    return lambda text: OBJECTS if text == OBJECTS else decimal(text)


def _share(text: str) -> float | None:
    return float(text) if _PERCENT.fullmatch(text) else None


def _strength(perturbation: str) -> Parser:
    decimal, offered = _decimal_up_to(99.0), strengths_of(perturbation)
    return lambda text: number if (number := decimal(text)) in offered else None


def _input(info: ModelInfo | SharedInfo) -> Parser:
    def parse(text: str) -> int | None:
        takes = _WHOLE.fullmatch(text) and info.takes(ModelInput(int(text)))
        return int(text) if takes else None

    return parse


def _head(last: int) -> Parser:
    return lambda text: text if text in (MEAN, ROLLOUT) else _up_to(last)(text)


def _photo(text: str) -> str | None:
    return text if text in EXAMPLES or is_private(text) or is_published(text) else None


def _distance(text: str) -> str | None:
    try:
        return find_distance(text).key
    except DistanceError:
        return None


def _selection(text: str) -> str | None:
    return text if text == NOTHING or parse_selection(text) else None


def _groups(text: str) -> str | None:
    return text if parse_groups(text) else None


def _camera(text: str) -> str | None:
    if not (numbers := _CAMERA.fullmatch(text)):
        return None
    *angles, zoom = map(float, numbers.groups())
    near = all(abs(angle) <= most for angle, most in zip(angles, _FARTHEST, strict=True))
    return text if near and _ZOOMS[0] <= zoom <= _ZOOMS[1] else None


_PARSERS: dict[str, Parser] = {
    "a": _photo,
    "b": _photo,
    "distance": _distance,
    **{name: _one_of(values) for name, values in CHOICES.items()},
    "groups": _groups,
    "paint": _up_to(100),
    "camera_a": _camera,
    "camera_b": _camera,
    "share": _share,
}
"""How to read the parameters that don't depend on the model."""

_NAMES = frozenset({field.name for field in fields(View)} - {"selection"}) | {"v", "pick"}
_OPENING_OF_1 = View(
    "astronaut", "camera", layer=1, head=2, distance="double-softmax", tab="matching"
)
"""What links of version 1 meant by what they left out."""

_FROM_THE_FIRST = ("a", "b", "model", "layer", "head", "distance", "scale")
"""What every link has carried that carries its version."""


def read_query(
    query: Mapping[str, Sequence[str]], models: Sequence[str], describe: Describe
) -> tuple[View, list[str]]:
    """Build a view from a link's parameters.

    Parameters
    ----------
    query : mapping of str to sequence of str
        All values of each parameter, as in the link.
    models : sequence of str
        Ids of the models that are known here; each has an untrained twin too.
    describe : callable
        Model id -> ModelInfo, or SharedInfo where the session holds attention of its own; raises
        `ModelError` where the model isn't to be had.

    Returns
    -------
    View
        Values that are missing, unknown or out of range are the defaults.
    list of str
        A sentence for each value that wasn't taken; it names the parameter, never the value. One
        for parameters that there aren't, and one where the link was cut off.
    """
    query, unknown = repaired(query, _NAMES)
    notes: list[str] = []
    read = partial(_value, query, notes)
    versions = _versions(query)
    if len(versions) > 1 or not versions <= {VERSION, *_OLDER_VERSIONS}:
        notes.append("This link is of another version of AttnTopo; what it says is tried.")
    notes += _notes_of_names(query, unknown)
    opening = _opening(versions)
    values = {name: read(name, getattr(opening, name), _PARSERS[name]) for name in _PARSERS}
    perturbation = values["perturbation"]
    values["strength"] = read("strength", middle_strength(perturbation), _strength(perturbation))
    values["selection"] = read("pick", NOTHING, _selection)
    own_head = any(name in query for name in OF_B)
    chosen = ("model", "model_b") if own_head else ("model",)
    model_of = _one_of([*models, *map(untrained_id, models)])
    for name in chosen:
        values[name] = read(name, values.get("model", View.model), model_of)
    for letter, name in zip("AB", chosen, strict=False):
        try:
            describe(values[name])
        except ModelError as error:
            values[name] = View.model
            of = f" for {letter}" if own_head else ""
            notes.append(f"{error} The embedded model is shown instead{of}.")
    info = describe(*(values[name] for name in chosen))
    if versions != {"1"}:
        layer, head = opening_head(last_numbers(info, False)["layer"] + 1)
        opening = replace(opening, layer=layer, head=head)
    for name, last in last_numbers(info, own_head).items():
        of_a = name.removesuffix("_b")
        number = values.get(of_a, getattr(opening, of_a))
        values[name] = read(
            name, at_most(number, last), _head(last) if of_a == "head" else _up_to(last)
        )
    there = last_numbers(info, own_head)
    values["against"] = read(
        "against", CHOSEN, lambda text: text if has_head(text, there) else None
    )
    values["input"] = read("input", None, _input(info))
    info = info.with_input(ModelInput(values["input"], values["shape"]))
    old = DISTANCES[values["distance"]].default_scale if versions == {"1"} else None
    in_bounds = _scale(largest_scale(values["distance"], info))
    scale = read("scale", old, in_bounds)
    values["scale"] = None if scale == OBJECTS else scale
    view, moved = View(**values).changed(info)
    return view, notes + moved


def link_parameters(query: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Return those of a link's parameters that there are, by the names that they have."""
    ours, _ = repaired(query, _NAMES)
    return [(name, text) for name, texts in ours.items() for text in texts]


def read_photos(query: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Return the photos that a link names, A and B, without asking for a model."""
    ours, _ = repaired(query, _NAMES)
    opening = _opening(_versions(ours))
    a, b = (_value(ours, [], name, getattr(opening, name), _photo) for name in "ab")
    return a, b


def read_display_options(said: Mapping[str, Any]) -> dict[str, Any]:
    """Take what the browser says of its own pictures, as far as it can be.

    Parameters
    ----------
    said : mapping
        Values by name, whatever they are.

    Returns
    -------
    dict
        Of `DISPLAY_OPTIONS` those whose value can be used.
    """
    values = {name: _PARSERS[name](str(said[name])) for name in DISPLAY_OPTIONS if name in said}
    return {name: value for name, value in values.items() if value is not None}


def _versions(query: Mapping[str, Sequence[str]]) -> set[str]:
    return set(query.get("v") or [VERSION])


def _opening(versions: set[str]) -> View:
    """Return what a link means by what it leaves out."""
    return _OPENING_OF_1 if versions == {"1"} else View()


def _notes_of_names(query: Mapping[str, Sequence[str]], unknown: Sequence[str]) -> list[str]:
    notes = []
    if unknown:
        mean = "it means nothing here." if len(unknown) == 1 else "they mean nothing here."
        notes.append(f"The link also says {names_in_words(unknown)}: {mean}")
    # A link that somebody wrote by hand may say as little as it likes; ours always say all.
    missing = [name for name in _FROM_THE_FIRST if name not in query] if "v" in query else []
    if missing:
        notes.append(
            f"The link is incomplete, as one is that was cut off: without {names_in_words(missing)}"
            " it shows the defaults there."
        )
    return notes


def _value(
    query: Mapping[str, Sequence[str]], notes: list[str], name: str, default: Any, parse: Parser
) -> Any:
    """Return a parameter's value; the default where it is missing, or can't be used (a note)."""
    values = {_read(text, parse) for text in query.get(name, ())}
    if not values:
        return default
    value = values.pop() if len(values) == 1 else None
    if value is None:
        instead = "left out" if default is None else default
        notes.append(f"The link's `{name}` can't be used here, so it is {instead}.")
        return default
    return value


def _read(text: str, parse: Parser) -> Any:
    """Return the first reading of a text that can be used; None where there is none."""
    return next((value for one in readings(text) if (value := parse(one)) is not None), None)
