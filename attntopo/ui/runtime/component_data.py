"""What the pages send to their components in the browser."""

from collections.abc import Mapping
from typing import Any


def one_document(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Put what a component is sent into a list of one, from which its script takes it.

    Streamlit looks for data frames among the values of a mapping, and imports pandas for that: half
    a second, for which the first page's numbers would wait.
    """
    return [dict(document)]
