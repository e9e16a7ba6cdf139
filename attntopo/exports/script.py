"""A view -> Python that computes its numbers by the library."""

import json

from attntopo.exports.tables import Models, one_line
from attntopo.links import RING, View, is_private, is_published, scale_text
from attntopo.models import OWN_INPUT, ModelInfo, ModelInput, library_versions


def as_python(
    view: View,
    scales: tuple[float, float],
    models: Models = (None, None),
    given: tuple[bool, bool] = (False, False),
    same_tokens: bool = False,
) -> str:
    """Write a script that computes the view's numbers by the library, and prints them.

    Parameters
    ----------
    view : View
    scales : tuple of float
        At which A and B are shown.
    models : tuple of ModelInfo, optional
        That are run for A and for B; None where attention was given.
    given : tuple of bool
        Whether A and B are attention that was given, for which no model is run.
    same_tokens : bool
        Whether the tokens of A and B correspond.

    Returns
    -------
    str
        Python. In the place of a private photo, or of attention, it names a file, and says in a
        comment that it is to be one's own.
    """
    lines = ["import attntopo as at", ""]
    loaded: dict[str, str] = {}  # model id -> what it is called in the script
    for letter, name, own, model in zip("ab", (view.a, view.b), given, models, strict=True):
        choice = view.side(letter)
        if not own and choice.model not in loaded:
            loaded[choice.model] = f"model_{letter}" if loaded else "model"
            if model is not None:
                lines += _said_of(model)
            lines.append(f"{loaded[choice.model]} = at.load_model({_literal(choice.model)})")
        chosen = "" if choice.input == OWN_INPUT else ", " + _input(choice.input)
        lines += _attention_lines(letter, name, own, loaded.get(choice.model, ""), chosen)
    a, b = map(scale_text, scales)
    at_scale = a if a == b else f"({a}, {b})"
    same = ", same_tokens=True" if same_tokens else ""
    lines.append("")
    for letter, called in (("a", "first"), ("b", "second")):
        choice = view.side(letter)
        lines += [
            f"{called} = at.analyse(",
            f"    {letter}, layer={choice.layer}, head={_literal(choice.head)}, "
            f"distance={_literal(view.distance)}, tokens={_literal(view.tokens)}",
            ")",
        ]
    lines += [
        f"for row in at.numbers(first, second, scale={at_scale}{same}):",
        '    values = ["" if value is None else value for value in row.values()]',
        '    print(*(f"{x:.4f}" if isinstance(x, float) else x for x in values), sep=" | ")',
    ]
    return "\n".join(lines) + "\n"


def _said_of(model: ModelInfo) -> list[str]:
    """Return comments that say which model the page ran."""
    lines = []
    if model.commit:
        lines.append(f"# The page ran commit {one_line(model.commit)} of this model.")
    if model.weights:
        versions = ", ".join(f"{name} {number}" for name, number in library_versions().items())
        lines.append(f"# Its weights are {model.weights}, by {versions}.")
    return lines


def _input(chosen: ModelInput) -> str:
    return f"at.ModelInput({chosen.side}, {_literal(chosen.shape)})"


def _attention_lines(letter: str, name: str, given: bool, model: str, chosen: str) -> list[str]:
    """Return the lines that get one side's attention; the chosen input is one more argument."""
    if name == RING:
        return [f"{letter} = at.ring_attention()"]
    shared = is_published(name)
    if not (shared or is_private(name)):
        return [f"{letter} = {model}.attend(at.sample({_literal(name)}){chosen})"]
    if given:
        return [
            f"# {letter.upper()} is your own attention, which isn't in here: name its file.",
            f'{letter} = at.load_attention("attention-{letter}.npz")',
        ]
    whose = "a shared photo" if shared else "your own photo"
    return [
        f"# {letter.upper()} is {whose}, which isn't in here: name its file.",
        f'with open("photo-{letter}.jpg", "rb") as file:',
        f'    {letter} = {model}.attend(at.decode_photo(file.read(), "{letter.upper()}"){chosen})',
    ]


def _literal(value: str | int) -> str:
    # JSON's strings and numbers are Python's too, so whatever is in a name stays within its quotes.
    return json.dumps(value, ensure_ascii=False)
