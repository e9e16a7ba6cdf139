"""What a chat shows of a link that is pasted into it: a title, a sentence and a picture.

Streamlit's page is the same at every address and says nothing of what the app shows there; what
makes previews runs no scripts. So the tags are written into the page as it is served, by what the
address says alone. They are Open Graph's (https://ogp.me).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode

from streamlit import config

from attntopo.links import RING, View, is_private, is_published, link_parameters, read_photos
from attntopo.ui.server.page_scripts import preload_links

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PICTURE = "link-preview.jpg"
"""Path of the pictures."""

_PAGES = {
    "": "{} and {} · AttnTopo",
    "compare": "{} and {} · AttnTopo",
    "atlas": "All attention heads: {} and {} · AttnTopo",
    "stability": "Perturbed: how stable the shape is, {} and {} · AttnTopo",
    "collection": "Collection: one attention head on many photos · AttnTopo",
    "method": "Method: from photo to persistence diagram · AttnTopo",
    "shared": "Delete a shared photo · AttnTopo",
}
"""Title by path; a page that no visitor's link leads to is none here."""

_WORDS = (
    "The shape of attention in two photos: which patches a Vision Transformer's head joins up, as "
    "components, loops and persistence diagrams."
)
_VIEWS = ("", "compare", "atlas", "stability", "collection")  # with a sidebar of controls
_NO_PICTURE = ("shared",)  # its address may hold the key that deletes a photo
_LONGEST_QUERY = 8000
# The page as it comes is changed: it must be whole, plain, and no answer "not modified".
_NOT_PASSED_ON = {
    b"accept-encoding", b"if-none-match", b"if-modified-since", b"if-range", b"range",
}  # fmt: skip
_NOT_TRUE_ANY_MORE = {b"etag", b"last-modified", b"content-length", b"accept-ranges"}
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9a-fA-F:]{2,45}\](:[0-9]{1,5})?")
_TITLE = re.compile(rb"<title>.*?</title>", re.DOTALL)


class LinkPreviews:
    """ASGI middleware: writes the tags into pages, and answers for their pictures.

    Pages get the links to their scripts by the same way: see `page_scripts`.

    Parameters
    ----------
    app : ASGI application
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._base = "/" + (config.get_option("server.baseUrlPath") or "").strip("/")
        self._pictures: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        page = self._path(scope) if scope["type"] == "http" else None
        if page is None or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
        elif page == PICTURE:
            await self._picture(scope, send)
        elif page in _PAGES:
            headers = [one for one in scope["headers"] if one[0].lower() not in _NOT_PASSED_ON]
            title, tags = self._tags(page, scope)
            if page in _VIEWS:
                tags += preload_links().encode()
            rewritten = _Rewritten(send, title, tags)
            await self._app({**scope, "headers": headers}, receive, rewritten)
        else:
            await self._app(scope, receive, send)

    def _path(self, scope: Scope) -> str | None:
        """Return the path below the app's own, without slashes at its ends."""
        path = str(scope["path"])
        below = path.startswith(self._base.rstrip("/") + "/") or path == self._base
        return path[len(self._base) :].strip("/") if below else None

    async def _picture(self, scope: Scope, send: Send) -> None:
        if self._pictures is None:
            # Not at the start: it needs half of the app, which is read beside the first answers.
            made = await asyncio.to_thread(_pictures)
            self._pictures = self._pictures or made
        data, lasts = await self._pictures.of(_query(scope))
        headers = [
            (b"content-type", b"image/jpeg"),
            (b"content-length", str(len(data)).encode()),
            (b"cache-control", b"public, max-age=300" if lasts else b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else data
        await send({"type": "http.response.body", "body": body})

    def _tags(self, page: str, scope: Scope) -> tuple[bytes, bytes]:
        """Return the title, and the tags for the page's head."""
        query = _query(scope)
        a, b = (_name(photo, sample) for photo, sample in _photos(query))
        title = _PAGES[page].format(a, b)
        tags = {
            "og:type": "website",
            "og:site_name": "AttnTopo",
            "og:title": title,
            "og:description": _WORDS,
        }
        address = _address(scope)
        if page not in _NO_PICTURE and address:
            said = urlencode(link_parameters(query))
            root = f"{address}{self._base.rstrip('/')}/"
            tags |= {
                "og:url": f"{root}{page}" + (f"?{said}" if said else ""),
                "og:image": f"{root}{PICTURE}" + (f"?{said}" if said else ""),
                "og:image:type": "image/jpeg",
                "og:image:width": "1200",
                "og:image:height": "630",
                "og:image:alt": f"{a} and {b}",
                "twitter:card": "summary_large_image",
            }
        lines = [f'<meta property="{name}" content="{escape(v)}">' for name, v in tags.items()]
        lines.append(f'<meta name="description" content="{escape(_WORDS)}">')
        if page in _NO_PICTURE:
            lines.append('<meta name="robots" content="noindex">')
        return f"<title>{escape(title)}</title>".encode(), "".join(lines).encode()


def _pictures() -> Any:
    from attntopo.ui.runtime import warm_up

    warm_up.wait()
    from attntopo.ui.server.preview_pictures import PreviewPictures

    return PreviewPictures()


class _Rewritten:
    """Sends a page with its title and tags; anything else as it comes."""

    def __init__(self, send: Send, title: bytes, tags: bytes) -> None:
        self._send, self._title, self._tags = send, title, tags
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message  # kept back until its length is known
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)
        else:
            await self._send(message)

    async def _finish(self, start: Message) -> None:
        body = _TITLE.sub(b"", self._body, count=1)
        body = body.replace(b"</head>", self._title + self._tags + b"</head>", 1)
        headers = [one for one in start["headers"] if one[0].lower() not in _NOT_TRUE_ANY_MORE]
        if self._body:  # that of a HEAD request is none, whose length isn't known
            headers.append((b"content-length", str(len(body)).encode()))
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    types = [value for name, value in start["headers"] if name.lower() == b"content-type"]
    return start["status"] == 200 and any(one.startswith(b"text/html") for one in types)


def _query(scope: Scope) -> dict[str, list[str]]:
    text = scope.get("query_string", b"").decode("latin-1")
    return parse_qs(text, keep_blank_values=True) if len(text) <= _LONGEST_QUERY else {}


def _photos(query: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return what a link names for A and for B, each with the sample in its place."""
    return list(zip(read_photos(query), (View().a, View().b), strict=True))


def _name(photo: str, sample: str) -> str:
    if is_published(photo):
        return "a shared photo"
    return "a synthetic ring" if photo == RING else sample if is_private(photo) else photo


def _address(scope: Scope) -> str:
    """Return scheme and host as the visitor has them; empty where nobody says."""
    said = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = said.get(b"host", "")
    scheme = said.get(b"x-forwarded-proto", "").partition(",")[0].strip() or scope["scheme"]
    return f"{scheme}://{host}" if _HOST.fullmatch(host) and scheme in ("http", "https") else ""
