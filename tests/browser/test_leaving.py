"""What of the linked view goes on when its page is left: nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from attntopo.links import View
from tests.harness.browser import Visitor
from tests.harness.linked_page import LinkedPage, TwoHeads

VIEW = View("astronaut", "coffee", model="tiny", layer=1, head=2, scale=0.0)
# Notes, from the page's start, what the view's script has asked the browser for and not given back:
# known by the name that Streamlit gives the script, or by its modules' own, which are in the stack
# of whoever asks.
WATCH = r"""(() => {
  const asked = window.asked = new Map(), begun = window.begun = [];
  const own = () => /attntopo_linked_view|linked-view\.test\/\w+\.js/.test(new Error().stack);
  const watch = (start, stop, repeats) => {
    const [starts, stops] = [window[start], window[stop]];
    window[start] = (act, ...rest) => {
      if (!own() || typeof act !== "function") return starts.call(window, act, ...rest);
      const number = starts.call(window, (...given) => {
        if (!repeats) asked.delete(`${start} ${number}`);
        begun.push(start);
        act(...given);
      }, ...rest);
      asked.set(`${start} ${number}`, start);
      return number;
    };
    window[stop] = (number) => { asked.delete(`${start} ${number}`); stops.call(window, number); };
  };
  watch("requestAnimationFrame", "cancelAnimationFrame", false);
  watch("setTimeout", "clearTimeout", false);
  watch("setInterval", "clearInterval", true);
  for (const name of ["ResizeObserver", "MutationObserver", "IntersectionObserver"]) {
    window[name] = class extends window[name] {
      observe(...given) { if (own()) asked.set(this, name); super.observe(...given); }
      disconnect() { asked.delete(this); super.disconnect(); }
    };
  }
  for (const target of [window, document]) {
    const adds = target.addEventListener;
    target.addEventListener = (type, ...rest) => {
      const one = {};
      if (own()) asked.set(one, `listener ${type}`);
      rest[1]?.signal?.addEventListener("abort", () => asked.delete(one));
      return adds.call(target, type, ...rest);
    };
  }
})()"""


@pytest.fixture
def visitor(browser) -> Iterator[Visitor]:
    visitor = Visitor(browser, height=1400, script=WATCH)
    yield visitor
    visitor.close()


def after_frames(visitor: Visitor, count: int) -> None:
    """Wait until the browser has drawn so many frames: what asks for frames got as many."""
    visitor.page.evaluate(
        "async (count) => { while (count--) await new Promise(requestAnimationFrame); }", count
    )


def view_of(visitor: Visitor, expression: str) -> Any:
    return visitor.page.locator(".linked").evaluate(
        f"element => {{ const view = element.getRootNode().linkedView; return {expression}; }}"
    )


def test_a_play_that_runs_ends_with_the_page(address, visitor):
    page = visitor.page
    sent: list[bytes | str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda one: sent.append(one)))
    visitor.open(f"{address}/compare?" + "&".join(f"{k}={v}" for k, v in VIEW.to_query().items()))
    step = view_of(visitor, "view.state.step")
    page.get_by_role("button", name="Play").click()
    # It plays: frames are asked for and begun, and the scale moves. That is what the watch sees.
    page.wait_for_function("() => begun.filter(one => one === 'requestAnimationFrame').length > 9")
    assert view_of(visitor, "view.state.step") > step
    assert page.evaluate("() => [...asked.values()]").count("ResizeObserver") == 1
    view_of(visitor, "(window.view = view) && undefined")

    page.get_by_role("link", name="Atlas").click()
    page.get_by_role("button", name="Download the table").wait_for()
    visitor.idle()
    before = page.evaluate("() => [begun.length, view.frames, view.state.step, view.outbox.sent]")
    messages = len(sent)
    after_frames(visitor, 30)
    assert page.evaluate("() => [...asked.values()]") == []
    after = page.evaluate("() => [begun.length, view.frames, view.state.step, view.outbox.sent]")
    assert after == before
    assert len(sent) == messages

    page.get_by_role("link", name="Compare").first.click()
    visitor.settle()
    page.get_by_role("slider", name="Scale").press("ArrowRight")
    page.wait_for_function("() => new URLSearchParams(location.search).get('scale') !== '0.000'")
    scale = float(visitor.query()["scale"])
    assert view_of(visitor, "view.state.step") == round(100_000 * scale)
    assert view_of(visitor, "view !== window.view && view.frames > 0")
    assert page.evaluate("() => [...asked.values()]").count("ResizeObserver") == 1


@pytest.fixture(scope="module")
def linked_page(browser):
    page = LinkedPage(browser, TwoHeads(), WATCH)
    yield page
    page.visitor.close()


def test_what_waits_to_be_sent_is_not_sent_after_leaving(linked_page):
    """Everything that runs by itself at once: a drag's rest, a message due, a silent server."""
    linked_page.show()
    said = linked_page.page.evaluate(
        """async () => {
          const view = host.shadowRoot.linkedView;
          document.body.dataset.testid = "stApp";  // whose answer is waited for
          view.outbox.tell();
          view.controls.play();
          view.slideTo(100);
          view.outbox.tellSoon(1);
          const [before, waiting] = [said.length, [...asked.values()]];
          window.leave();
          const left = [...asked.values()];
          const frames = view.frames;
          await new Promise((done) => setTimeout(done, 5));  // due later than the message
          view.requestDraw();  // a photo that is decoded now
          view.outbox.tell();
          await new Promise(requestAnimationFrame);
          await new Promise(requestAnimationFrame);
          return [waiting, left, said.length - before, view.frames - frames, view.state.step];
        }"""
    )
    waiting, *after = said
    # A picture and a step of Play; a silent server, a rest, a message.
    timed = ["requestAnimationFrame"] * 2 + ["setTimeout"] * 3
    observers = ["IntersectionObserver", "MutationObserver", "ResizeObserver"]
    stores = ["answers", "evidence", "heads", "knock-out", *["photo"] * 2]
    listeners = [f"listener attntopo-{name}" for name in ("address", *stores)]
    listeners.append("listener keydown")
    assert sorted(waiting) == [*observers, *listeners, *sorted(timed)]
    assert after == [[], 0, 0, 100]
    assert linked_page.page.evaluate("() => host.shadowRoot.linkedView") is None


def test_the_same_element_can_be_mounted_again(linked_page):
    linked_page.show()
    first = linked_page.page.evaluate("() => { window.leave(); return said.length; }")
    linked_page.show()
    assert linked_page.page.locator(".photo-canvas").count() == 2
    linked_page.page.get_by_role("button", name="Next event").click()
    linked_page.page.wait_for_function("(before) => said.length > before", arg=first)
    assert linked_page.page.evaluate("() => said.length") == first + 1  # by one listener


def test_a_call_that_was_overtaken_ends_nothing(linked_page):
    """Streamlit calls back for a call that was still loading when the next one came."""
    linked_page.show()
    linked_page.page.evaluate("() => { window.overtaken = window.leave; }")
    linked_page.show(paint=35)
    linked_page.page.evaluate("() => overtaken()")
    assert linked_page.ask("view.life.signal.aborted") is False
    assert linked_page.ask("view.state.opacity") == 0.35
