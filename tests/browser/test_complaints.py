"""What a browser's console says is a failure, but of pictures that the page shows no more."""

import pytest


def test_a_picture_that_is_not_there_is_a_failure_as_long_as_the_page_shows_it(address, visitor):
    page = visitor.page
    page.goto(f"{address}/_stcore/health")
    page.evaluate("document.body.innerHTML = '<img src=/media/none.jpg>'")
    while not visitor.errors:
        page.wait_for_timeout(50)
    said = list(visitor.errors)
    with pytest.raises(AssertionError, match="none"):
        visitor.fail_on_complaints()
    page.evaluate("document.body.innerHTML = '<img src=/media/next.jpg hidden>'")
    while not any("next.jpg" in one for one in visitor.errors):
        page.wait_for_timeout(50)
    page.evaluate("document.body.innerHTML = ''")
    visitor.errors += said
    visitor.fail_on_complaints()
