"""What the linked view shows before and after what it asked for has come."""

from dataclasses import replace

import numpy as np
import pytest

from attntopo.figures.linked import linked_data
from attntopo.figures.linked_answers import answered_heat, answered_loops
from tests.harness.linked_page import N_TOKENS, LinkedPage, TwoHeads

NOTHING = {"loops": {}, "heat": {}}


@pytest.fixture(scope="module")
def heads() -> TwoHeads:
    """Heads of which neither cycles nor attention were sent."""
    heads = TwoHeads()
    a, b = (replace(heads.side(letter), cycles={}, attention=None) for letter in "AB")
    heads.data = linked_data((a, b), heads.matchings, 0.0, heads.largest)
    return heads


@pytest.fixture(scope="module")
def page(browser, heads):
    page = LinkedPage(browser, heads)
    yield page
    page.visitor.close()


def answer(page: LinkedPage, **of_a) -> None:
    """Send something of A, as Python does, and wait until it is drawn."""
    page.page.evaluate(
        """async (answers) => {
          const { keepAnswers } = await import("/answer_store.js");
          keepAnswers(answers);
          await drawn();
        }""",
        {"id": page.heads.data.identity, "sides": [{**NOTHING, **of_a}, NOTHING]},
    )


def test_a_cycle_is_painted_once_it_has_come(page, heads):
    births, deaths = heads.topologies[0].diagrams[1].T
    longest = int(np.argmax(deaths - births))
    page.show(pick=f"a-h1-{longest}", step=round(50_000 * (births + deaths)[longest]))
    words = page.page.locator(".selection-words").inner_text
    canvas = "view.parts[0].photo.canvas"
    before = page.painted(canvas)
    assert "a ring whose tokens are being looked for" in words()
    cycle = heads.cycles[0][longest]
    answer(page, loops=answered_loops({longest: cycle}))
    assert f"{len(cycle.loops[0])} tokens in a ring" in words()
    assert np.abs(page.painted(canvas) - before).max() > 50
    # Another look at the same heads keeps it.
    page.show(pick=f"a-h1-{longest}", paint=20)
    assert f"{len(cycle.loops[0])} tokens in a ring" in words()


def test_the_table_counts_tokens_once_they_have_come(page, heads):
    answer(page)
    page.show(tab="bars")

    def tokens() -> list[str]:
        rows = page.page.locator(".panel tbody tr[data-key^='a-h1-']")
        return [row.locator("td").last.inner_text() for row in rows.all()]

    assert "–" in tokens()
    answer(page, loops=answered_loops(dict(enumerate(heads.cycles[0]))))
    expected = [len({*np.concatenate(one.loops).tolist()}) for one in heads.cycles[0]]
    assert sorted(map(int, tokens())) == sorted(expected)


def test_a_tokens_attention_is_painted_once_it_has_come(page, heads):
    token = 20
    page.show(pick=f"a-token-{token}", heat="to")
    assert page.ask("view.state.shown(0).heat") is None
    before = page.painted("view.parts[0].photo.canvas")
    maps = heads.attentions[0].head(0, 0)
    answer(page, heat=answered_heat(maps, np.arange(N_TOKENS), token))
    shown = page.ask("[...view.state.shown(0).heat]")
    assert np.allclose(shown, np.sqrt(maps[token] / maps[token].max()), atol=0.51 / 255)
    assert np.abs(page.painted("view.parts[0].photo.canvas") - before).max() > 50
    page.page.get_by_role("button", name="Who looks at it").click()
    by = page.ask("[...view.state.shown(0).heat]")
    assert np.allclose(by, np.sqrt(maps[:, token] / maps[:, token].max()), atol=0.51 / 255)
