// The tab with every bar of both photos in a table.

import { lengthOf } from "./data.js";
import { makeButton, placeByKey } from "./elements.js";
import { barText } from "./selection.js";
import { lengthText } from "./words.js";

const COLUMNS = {
  photo: "Photo",
  dimension: "Dimension",
  birth: "Birth",
  death: "Death",
  length: "Length",
  tokens: "Tokens",
};

// The table is one tab stop: arrows go over rows and headings.
export class BarsTable {
  constructor(view) {
    this.view = view;
    const table = document.createElement("table");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", "Every bar of both photos");
    this.heads = this.fillHead(table.createTHead().insertRow());
    this.rows = sortedRows(view.data, view.state.sort).map(makeRow);
    const body = table.createTBody();
    body.append(...this.rows);
    body.addEventListener("click", (event) => this.choose(event.target.closest("tr")));
    table.addEventListener("keydown", (event) => this.key(event));
    table.addEventListener("focusin", (event) => this.makeStop(event.target));
    const scroller = document.createElement("div");
    scroller.className = "scroller";
    scroller.append(table);
    this.elements = [scroller];
    const { selection } = view.state;
    const selected = this.rows.find((row) => row.dataset.key === selection?.text);
    this.makeStop(selected ?? this.rows[0] ?? this.heads[0]);
  }

  fillHead(row) {
    const { column, direction } = this.view.state.sort;
    const [way, arrow] = direction > 0 ? ["ascending", " ▴"] : ["descending", " ▾"];
    return Object.entries(COLUMNS).map(([key, label]) => {
      const cell = document.createElement("th");
      const own = key === column;
      cell.setAttribute("aria-sort", own ? way : "none");
      const words = own ? label + arrow : label;
      const button = makeButton(words, () => this.sortBy(key), { tabindex: -1, "data-key": key });
      cell.append(button);
      row.append(cell);
      return button;
    });
  }

  sortBy(key) {
    const { state, panel } = this.view;
    const { column, direction } = state.sort;
    state.sort = { column: key, direction: key === column ? -direction : -1 };
    panel.choose("bars");
  }

  choose(row) {
    if (row) this.view.toggle(row.dataset.selection);
  }

  makeStop(element) {
    if (this.stop) this.stop.tabIndex = -1;
    this.stop = element;
    element.tabIndex = 0;
  }

  key(event) {
    const { key, target } = event;
    if (key === "Escape") return this.view.select(null);
    const next = this.neighbour(key, target);
    const choosesRow = (key === "Enter" || key === " ") && this.rows.includes(target);
    if (choosesRow) this.choose(target);
    if (next) next.focus();
    if (next || choosesRow) event.preventDefault();
  }

  // What an arrow key leads to: from headings down to the rows, from the first row up to them.
  neighbour(key, from) {
    const { heads, rows } = this;
    const column = heads.indexOf(from);
    if (column < 0 && key === "ArrowUp" && from === rows[0]) {
      return heads.find((head) => head.dataset.key === this.view.state.sort.column);
    }
    const down = key === "ArrowDown" || key === "PageDown";
    if (column >= 0 && down) return rows[0];
    if (/^Arrow/.test(key) && /Left|Right/.test(key) !== column >= 0) return undefined;
    const line = column < 0 ? rows : heads;
    return line[placeByKey(key, line.indexOf(from), line.length)];
  }

  draw() {
    const text = this.view.state.selection?.text;
    if (this.shown === (text ?? null)) return;
    this.shown = text ?? null;
    for (const row of this.rows) {
      const selected = row.dataset.selection === text;
      row.classList.toggle("selected", selected);
      row.setAttribute("aria-selected", String(selected));
    }
  }
}

function makeRow(bar) {
  const row = document.createElement("tr");
  row.dataset.selection = row.dataset.key = barText(bar.side, bar);
  row.tabIndex = -1;
  const lengths = [bar.birth, bar.death, bar.length].map(lengthText);
  for (const value of [bar.photo, `H${bar.dimension}`, ...lengths, bar.tokens ?? "–"]) {
    row.insertCell().textContent = value;
  }
  return row;
}

function sortedRows(data, { column, direction }) {
  const order = (a, b) => a[column] > b[column] ? 1 : a[column] < b[column] ? -1 : 0;
  return barRows(data).sort((a, b) => direction * order(a, b));
}

// Tokens of a bar are those of its loop, or of the component that is absorbed.
export function barRows(data) {
  return data.sides.flatMap((side, k) => {
    const absorbed = absorbedSizes(side);
    const tokens = [
      ({ merge }) => merge === null ? side.n : absorbed[merge],
      ({ loops }) => loops && new Set(loops.flat()).size, // null while they are looked for
    ];
    return [1, 0].flatMap((dimension) =>
      side.bars[dimension].map((bar, number) => ({
        photo: side.letter,
        side: k,
        dimension,
        number,
        birth: bar.birth,
        death: bar.death ?? Infinity,
        length: lengthOf(bar),
        tokens: tokens[dimension](bar),
      }))
    );
  });
}

// How many tokens each merge's absorbed component has.
function absorbedSizes({ n, tree }) {
  const sizes = new Uint32Array(n).fill(1);
  return tree.survivors.map((stays, merge) => {
    const size = sizes[tree.absorbed[merge]];
    sizes[stays] += size;
    return size;
  });
}
