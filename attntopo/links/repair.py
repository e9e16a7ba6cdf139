"""What mail, chats and Markdown make of a link, undone: names and values that were damaged.

What is as it should be stays as it is; only what can't be read is read otherwise.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, unquote

_ESCAPED_AND = re.compile(r"(amp;?|#0*38;|#x0*26;)+", re.IGNORECASE)
_DECODINGS = 3  # a link that was percent-encoded more often than that is nobody's
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_AROUND = "()[]{}<>.,;:!?…|/\\'\"`´«»‹›\u2018\u2019\u201a\u201c\u201d\u201e"
_EMPHASIS = "*_~"

_NOT_OURS = re.compile(
    r"utm_\w*|_hs\w+|mc_[ce]id|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|twclid|ttclid"
    r"|yclid|igshid|igsh|li_fat_id|mkt_tok|vero_id|oly_enc_id|s_kwcid|_ga|_gl|ref|ref_src|ref_url|share|si|spm|trk"
    r"|embed|embed_options",
    re.IGNORECASE,
)
"""Parameters that mail programs and other sites add, and those that are Streamlit's own."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,24}")
_MOST_NAMED = 7


def repaired(
    query: Mapping[str, Sequence[str]], known: Collection[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """Give a link's parameters the names that they had.

    Parameters
    ----------
    query : mapping of str to sequence of str
        As the address has them.
    known : collection of str
        The names that there are, in lower case.

    Returns
    -------
    dict of list of str
        The known ones: `amp;layer`, `Layer` and ` layer` are `layer`, and what was encoded into
        another parameter's value is one of its own. Values are as they were.
    list of str
        Names of all others, but for those that mail programs and other sites add.
    """
    ours: dict[str, list[str]] = {}
    unknown: dict[str, None] = {}
    for name, text in _pairs(query, known):
        if (meant := _meant(name, known)) is not None:
            ours.setdefault(meant, []).append(text)
        elif not _NOT_OURS.fullmatch(name) and (name.strip(_AROUND + " ") or text):
            unknown[name] = None
    return ours, list(unknown)


def _pairs(query: Mapping[str, Sequence[str]], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Give names and values; of a value that holds further parameters these too."""
    inside = re.compile(rf"&(amp;)*({'|'.join(map(re.escape, sorted(known)))})=", re.IGNORECASE)
    for name, texts in query.items():
        for text in texts:
            whole = f"{name}={text}" if text else name
            decoded = next((one for one in _decoded(whole) if inside.search(one)), None)
            if decoded is None and not text and "=" in (plain := list(_decoded(name))[-1]):
                decoded = plain  # a lone parameter that was encoded with its sign
            if decoded is None:
                yield name, text
            else:
                yield from parse_qsl(decoded.removeprefix("?"), keep_blank_values=True)


def _decoded(text: str) -> Iterator[str]:
    yield text
    for _ in range(_DECODINGS):
        if (text := unquote(before := text)) == before:
            return
        yield text


def _meant(name: str, known: Collection[str]) -> str | None:
    """Return the known name that one was, if it was one."""
    for one in _decoded(name):
        plain = _compact(one).strip(_AROUND + _EMPHASIS + "&").lower()
        for candidate in (plain, _ESCAPED_AND.sub("", plain, count=1)):
            if candidate in known:
                return candidate
    return None


def _compact(text: str) -> str:
    """Leave out spaces, line breaks and what can't be seen; hyphens are plain ones."""
    seen = (one for one in text if unicodedata.category(one) not in ("Cf", "Cc"))
    return "".join("".join(seen).split()).translate(_HYPHENS)


def readings(text: str) -> Iterator[str]:
    """Give what a value may have been, the most likely first: as it is, to begin with.

    Parameters
    ----------
    text : str
        `0.05).`, `coffee**`, `Mean`, `google%2Fvit-base`, …
    """
    yield text
    for one in _decoded(text):
        compact = _compact(one)
        yield from (one.strip(), compact)
        bare = compact.strip(_AROUND + _EMPHASIS)
        yield from (bare, bare.lower())


def read_key(text: str) -> str:
    """Return a key that a link ends with: nothing of its own letters, hyphens or bars is lost."""
    *_, decoded = _decoded(text)
    return _compact(decoded).strip(_AROUND + "*~")


def names_in_words(names: Sequence[str]) -> str:
    """Name parameters in a sentence, as far as their names are plain; some, if they are many."""
    plain = [f"`{name}`" for name in names if _PLAIN_NAME.fullmatch(name)][:_MOST_NAMED]
    if others := len(names) - len(plain):
        plain.append(f"{others} more" if plain else f"{others} with odd names")
    return ", ".join(plain[:-1]) + (" and " if len(plain) > 1 else "") + plain[-1]
