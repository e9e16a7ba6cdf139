"""What a page shows, looked at by axe-core and with a ruler: contrast, overflow, cut-off words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# All elements, those within components too.
_EVERYTHING = """
  const elements = [];
  const visit = root => {
    for (const element of root.querySelectorAll('*')) {
      elements.push(element);
      if (element.shadowRoot) visit(element.shadowRoot);
    }
  };
  visit(document);
  const parentOf = element => element.assignedSlot ?? element.parentElement
    ?? element.getRootNode().host ?? null;
  const chain = element => {
    const all = [];
    for (let one = element; one; one = parentOf(one)) all.push(one);
    return all;
  };
  const isSeen = element => {
    const {left, right, width, height} = element.getBoundingClientRect();
    return width > 1 && height > 1 && right > 0 && left < innerWidth
      && element.checkVisibility({visibilityProperty: true, opacityProperty: true})
      && !element.closest('canvas, script, style, template')
      && chain(element).every(one => {  // not only read out
        const {clip, clipPath} = getComputedStyle(one);
        return clip === 'auto' && !clipPath.startsWith('inset');
      });
  };
  const textOf = element => [...element.childNodes]
    .filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.data).join(' ').trim();
  const where = element => chain(element).map(one => one.dataset?.testid ?? (one.className.trim
    ? [...one.classList].filter(name => !/^(st-emotion|e[0-9a-z]{6,})/.test(name)).join('.') : ''))
    .filter(Boolean).slice(0, 4).join(' < ');
"""
_FAINT = (
    "() => {"
    + _EVERYTHING
    + """
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const read = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (below, [red, green, blue, alpha]) =>
    below.map((value, k) => value * (1 - alpha) + [red, green, blue][k] * alpha);
  const luminance = colour => colour.map(value => value / 255)
    .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, k) => sum + value * [0.2126, 0.7152, 0.0722][k], 0);
  const faint = [];
  for (const element of elements) {
    const text = textOf(element);
    if (!text || !isSeen(element) || element.closest(':disabled, [aria-disabled=true]')) continue;
    const style = getComputedStyle(element);
    if (/icon|symbol/i.test(style.fontFamily)) continue;  // a picture, which has words beside it
    const {left, right, top, bottom} = element.getBoundingClientRect();
    const lies = one => {  // on another; a slider's number stands beside the thumb that holds it
      const box = one.getBoundingClientRect(), [x, y] = [(left + right) / 2, (top + bottom) / 2];
      return box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
    };
    const outermostFirst = chain(element).reverse();
    let ground = [255, 255, 255], opacity = 1;
    for (const one of outermostFirst) {
      const own = getComputedStyle(one);
      opacity *= Number(own.opacity);
      if (!lies(one) && one !== document.body && one !== document.documentElement) continue;
      const [red, green, blue, alpha] = read(own.backgroundColor);
      ground = over(ground, [red, green, blue, alpha * opacity]);
    }
    const isSvg = element instanceof SVGElement;
    const [red, green, blue, alpha] = read(isSvg ? style.fill : style.color);
    const shown = over(ground, [red, green, blue, alpha * opacity]);
    const [dark, light] = [luminance(ground), luminance(shown)].sort((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (large ? 3 : 4.5)) {
      faint.push([where(element), text.slice(0, 60), Math.round(100 * contrast) / 100]);
    }
  }
  return faint;
}"""
)
_CUT_OFF = (
    "() => {"
    + _EVERYTHING
    + """
  const cut = [];
  for (const element of elements) {
    const text = textOf(element);
    if (element.matches('input:not([type=range])') && isSeen(element)
      && element.scrollWidth > element.clientWidth + 1) {
      cut.push([where(element), element.value]);
    }
    if (!text || !isSeen(element)) continue;
    const style = getComputedStyle(element);
    if (/icon|symbol/i.test(style.fontFamily)) continue;
    const range = document.createRange();
    range.selectNodeContents(element);
    const words = range.getBoundingClientRect();
    for (const one of chain(element)) {
      const own = getComputedStyle(one);
      if (own.position === 'fixed') break;
      if (own.overflowX !== 'hidden' && own.overflowX !== 'clip') {
        if (own.overflowX !== 'visible') break;  // it can be scrolled
        continue;
      }
      const box = one.getBoundingClientRect();
      if (words.right > box.right + 1 || words.left < box.left - 1) {
        cut.push([where(element), text.slice(0, 60)]);
        break;
      }
    }
  }
  return cut;
}"""
)
_WIDER = """() => [document.documentElement,
    ...document.querySelectorAll('[data-testid=stMain], [data-testid=stSidebarContent]')]
  .filter(one => one.getBoundingClientRect().right > 0 && one.scrollWidth > one.clientWidth + 1)
  .map(one => one.dataset.testid ?? one.tagName)"""


@dataclass(frozen=True)
class Finding:
    """Something that axe-core found.

    Attributes
    ----------
    rule : str
        axe-core's name of it.
    selector : str
        Of the element; of one within components, the hosts' before it.
    html : str
        How the element begins.
    """

    rule: str
    selector: str
    html: str


def axe_findings(page: Page, *, only_colours: bool = False) -> list[Finding]:
    """Return what axe-core calls serious or critical, by all of its rules or those on colours."""
    colours = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {
        "resultTypes": ["violations"],
        **({"runOnly": colours} if only_colours else {}),
    }
    said = page.evaluate("options => axe.run(document, options)", options)
    return [
        Finding(one["id"], " ".join(map(_joined, node["target"])), node["html"][:200])
        for one in said["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def _joined(target: Any) -> str:
    return target if isinstance(target, str) else " ".join(target)


def faint_texts(page: Page) -> list[tuple[str, str, float]]:
    """Return texts with less contrast than WCAG's level AA: where, the text, the contrast.

    axe-core leaves out what it can't decide, as texts that are scrolled half out of sight.
    """
    return [tuple(one) for one in page.evaluate(_FAINT)]


def cut_off_texts(page: Page) -> list[tuple[str, str]]:
    """Return texts of which a part can't be seen, nor scrolled to: where, and the text."""
    return [tuple(one) for one in page.evaluate(_CUT_OFF)]


def wider_than_their_place(page: Page) -> list[str]:
    """Return what would have to be scrolled sideways: the page, its main part, the sidebar."""
    return page.evaluate(_WIDER)
