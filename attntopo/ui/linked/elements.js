// Elements that are made, not in view.html.

export function makeButton(label, act, attributes = {}) {
  const button = document.createElement("button");
  button.textContent = label;
  for (const [name, value] of Object.entries(attributes)) button.setAttribute(name, value);
  button.addEventListener("click", act);
  return button;
}

export function makeParagraph(className, words) {
  const paragraph = document.createElement("p");
  paragraph.className = className;
  paragraph.textContent = words;
  return paragraph;
}

const WAYS = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -Infinity,
  End: Infinity,
};

// The place among `length` to which a key leads from another (-1: from none); null for other keys.
export function placeByKey(key, place, length) {
  const way = WAYS[key];
  if (!way || !length) return null;
  return Math.max(0, Math.min(length - 1, place + way));
}

// Tabs are one tab stop: the one that is chosen.
export function markTab(tab, chosen) {
  tab.setAttribute("aria-selected", String(chosen));
  tab.tabIndex = chosen ? 0 : -1;
}

// Arrows, Home and End go along a row of tabs, and choose.
export function moveAlongTabs(row, signal) {
  row.addEventListener("keydown", (event) => {
    if (/Up$|Down$/.test(event.key)) return; // they scroll the page
    const tabs = [...row.querySelectorAll('[role="tab"]')];
    const next = placeByKey(event.key, tabs.indexOf(event.target), tabs.length);
    if (next === null) return;
    event.preventDefault();
    tabs[next].focus();
    tabs[next].click();
  }, { signal });
}

// Words beside the pointer; for the keyboard, which has no place for them, words to be read out.
export class Tip {
  constructor(root) {
    this.tip = root.querySelector(".tip");
    this.frame = root.querySelector(".linked");
    this.spoken = makeParagraph("spoken", "");
    this.spoken.setAttribute("aria-live", "polite");
    this.frame.append(this.spoken);
  }

  // The keyboard's moves carry no event.
  show(event, words) {
    if (!event) this.speak(words);
    this.tip.hidden = !event?.clientX;
    if (this.tip.hidden) return;
    const box = this.frame.getBoundingClientRect();
    this.tip.textContent = words;
    // Not beyond the view, which would grow by it.
    const { offsetWidth, offsetHeight } = this.tip;
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    this.tip.style.left = `${Math.max(0, Math.min(x + 14, box.width - offsetWidth))}px`;
    this.tip.style.top = `${y + 14 + offsetHeight > box.height ? y - 14 - offsetHeight : y + 14}px`;
  }

  speak(words) {
    this.spoken.textContent = words;
  }

  hide() {
    this.tip.hidden = true;
  }
}
