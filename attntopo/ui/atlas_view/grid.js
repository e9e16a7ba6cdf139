// Every head as a small picture, layers down and heads across: one stop of the Tab key.

import { deviceRatio, sizedCanvas } from "./paint.js";
import { headText, keyOf } from "./words.js";

const BETWEEN = 2; // pixels between A's and B's picture

export class HeadGrid {
  // `point` is told the head that is pointed at, or null; `open` the one that is chosen.
  constructor(root, { point, open }, signal) {
    Object.assign(this, { point, open });
    this.grid = root.querySelector(".grid");
    this.tip = root.querySelector(".tip");
    this.frame = root.querySelector(".atlas");
    const listen = (kind, act) => this.grid.addEventListener(kind, act, { signal });
    listen("click", (event) => this.click(event));
    listen("keydown", (event) => this.press(event));
    listen("focusin", (event) => this.focus(event.target.closest(".cell")));
    listen("focusout", () => this.leave());
    listen("pointermove", (event) => this.hover(event));
    listen("pointerleave", () => this.leave());
  }

  load(data) {
    const shape = `${data.layers}x${data.heads}`;
    this.data = data;
    if (shape !== this.shape) this.build();
    this.shape = shape;
    const address = new URL(location.href);
    address.pathname = address.pathname.replace(/atlas\/?$/, "compare");
    for (const [key, element] of this.cells) this.describe(key, element, address);
    if (!this.cells.has(this.current)) this.current = this.cells.keys().next().value;
    this.cells.get(this.current).tabIndex = 0;
  }

  build() {
    const { layers, heads } = this.data;
    this.heads = ["mean", ...Array(heads).keys()];
    this.cells = new Map();
    this.grid.setAttribute("aria-label", "Heads by layer");
    this.grid.style.gridTemplateColumns = `auto repeat(${heads + 1}, auto)`;
    const titles = ["layer", ...this.heads].map((title) => box("columnheader", title));
    titles[1].classList.add("mean-column", "mean");
    const rows = Array.from({ length: layers }, (_, layer) => this.row(layer));
    this.grid.replaceChildren(row(titles), ...rows);
    this.current = null;
  }

  row(layer) {
    const cells = this.heads.map((head) => {
      const link = document.createElement("a");
      link.className = "cell";
      link.dataset.key = keyOf(layer, head);
      link.append(document.createElement("canvas"));
      this.cells.set(link.dataset.key, link);
      const place = box("gridcell", "");
      place.classList.toggle("mean", head === "mean");
      place.append(link);
      return place;
    });
    return row([box("rowheader", layer), ...cells]);
  }

  describe(key, element, address) {
    const cell = this.data.cells[key];
    const { link } = this.data;
    element.tabIndex = -1;
    element.setAttribute("aria-label", headText(key, cell));
    element.classList.toggle("chosen", key === keyOf(link.layer, link.head));
    element.removeAttribute("role");
    element.removeAttribute("aria-disabled");
    if (cell) {
      element.href = `${address.pathname}?${queryOf(link, cell)}`;
    } else {
      element.removeAttribute("href");
      element.setAttribute("role", "link");
      element.setAttribute("aria-disabled", "true");
    }
  }

  // Which of the means is the one that is shown large.
  markLayer(layer) {
    for (const [key, element] of this.cells) {
      element.classList.toggle("shown", key === keyOf(layer, "mean"));
    }
  }

  // `sides` are those that are shown, `height` is how high a picture is.
  paint(photos, sides, height) {
    const widths = sides.map((k) => Math.max(1, Math.round(height * this.data.sides[k].ratio)));
    for (const [key, element] of this.cells) {
      const canvas = element.firstChild;
      const colours = this.data.cells[key]?.colours;
      const painted = `${sides} ${height} ${deviceRatio()} ${colours}`;
      if (this.photos === photos && canvas.painted === painted) continue;
      canvas.painted = painted;
      const width = widths.reduce((sum, one) => sum + one + BETWEEN, -BETWEEN);
      const ctx = sizedCanvas(canvas, width, height);
      let left = 0;
      sides.forEach((k, place) => {
        const size = [widths[place], height].map((one) => Math.round(one * deviceRatio()));
        photos?.[k].paint(ctx, Math.round(left * deviceRatio()), size, colours?.[k], 0);
        left += widths[place] + BETWEEN;
      });
    }
    this.photos = photos;
  }

  click(event) {
    const link = event.target.closest(".cell");
    if (!link?.href || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault(); // the page would be loaded anew, and the session lost
    this.open(link.dataset.key);
  }

  press(event) {
    const link = event.target.closest(".cell");
    if (!link) return;
    const [layer, head] = link.dataset.key.split(",");
    const to = (row, column) => keyOf(row, this.heads[column]);
    const [row, column] = [+layer, this.heads.findIndex((one) => String(one) === head)];
    const [bottom, right] = [this.data.layers - 1, this.heads.length - 1];
    const keys = {
      ArrowLeft: to(row, Math.max(0, column - 1)),
      ArrowRight: to(row, Math.min(right, column + 1)),
      ArrowUp: to(Math.max(0, row - 1), column),
      ArrowDown: to(Math.min(bottom, row + 1), column),
      Home: to(row, 0),
      End: to(row, right),
      PageUp: to(0, column),
      PageDown: to(bottom, column),
    };
    if (!(event.key in keys)) return;
    event.preventDefault();
    this.cells.get(keys[event.key]).focus();
  }

  focus(link) {
    if (!link) return;
    this.cells.get(this.current).tabIndex = -1;
    this.current = link.dataset.key;
    link.tabIndex = 0;
    this.point(this.current);
  }

  hover(event) {
    const link = event.target.closest(".cell");
    if (!link || event.pointerType === "touch") return;
    const { key } = link.dataset;
    this.point(key);
    const frame = this.frame.getBoundingClientRect();
    this.tip.hidden = false;
    this.tip.textContent = headText(key, this.data.cells[key]).replaceAll(/[.;] /g, "\n");
    const left = event.clientX - frame.left + 14;
    this.tip.style.left = `${Math.max(0, Math.min(left, frame.width - 230))}px`;
    this.tip.style.top = `${event.clientY - frame.top + 16}px`;
  }

  leave() {
    this.tip.hidden = true;
    this.point(null);
  }
}

// What Compare opens a head by: what is looked at, and what differs; null is what has to go.
export function queryOf(link, cell) {
  const said = Object.entries({ ...link, ...cell.link });
  return new URLSearchParams(said.filter(([, value]) => value !== null)).toString();
}

function box(role, words) {
  const element = document.createElement("div");
  element.setAttribute("role", role);
  element.textContent = words;
  return element;
}

function row(children) {
  const element = box("row", "");
  element.className = "row";
  element.append(...children);
  return element;
}
