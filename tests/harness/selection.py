"""What a visitor reads of what is selected on Compare, and the buttons to press."""

import re

from playwright.sync_api import Locator

from tests.harness.browser import Visitor


def words(visitor: Visitor) -> str:
    """Return what is said of the selection, line by line."""
    return visitor.page.locator(".selection-words").inner_text()


def button(visitor: Visitor, name: str | re.Pattern[str]) -> Locator:
    """Return the button of a name."""
    return visitor.page.get_by_role("button", name=name)
