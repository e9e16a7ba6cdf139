// The tab with every bar of both photos in a table.

import { lengthOf } from "./data.js";
import { makeButton } from "./elements.js";
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

export class BarsTable {
  constructor(view) {
    this.view = view;
    const table = document.createElement("table");
    this.fillHead(table.createTHead().insertRow());
    this.rows = sortedRows(view.data, view.state.sort).map(makeRow);
    const body = table.createTBody();
    body.append(...this.rows);
    body.addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (row) view.toggle(row.dataset.selection);
    });
    const scroller = document.createElement("div");
    scroller.className = "scroller";
    scroller.tabIndex = 0;
    scroller.append(table);
    this.elements = [scroller];
  }

  fillHead(row) {
    const { column, direction } = this.view.state.sort;
    const [way, arrow] = direction > 0 ? ["ascending", " ▴"] : ["descending", " ▾"];
    for (const [key, label] of Object.entries(COLUMNS)) {
      const cell = document.createElement("th");
      const own = key === column;
      cell.setAttribute("aria-sort", own ? way : "none");
      cell.append(makeButton(own ? label + arrow : label, () => this.sortBy(key)));
      row.append(cell);
    }
    row.append(document.createElement("th")); // above the rows' buttons
  }

  sortBy(key) {
    const { state, panel } = this.view;
    const { column, direction } = state.sort;
    state.sort = { column: key, direction: key === column ? -direction : -1 };
    panel.choose("bars");
  }

  draw() {
    const { selection } = this.view.state;
    for (const row of this.rows) {
      row.classList.toggle("selected", row.dataset.selection === selection?.text);
    }
  }
}

function makeRow(bar) {
  const row = document.createElement("tr");
  row.dataset.selection = barText(bar.side, bar);
  const lengths = [bar.birth, bar.death, bar.length].map(lengthText);
  for (const value of [bar.photo, `H${bar.dimension}`, ...lengths, bar.tokens ?? "–"]) {
    row.insertCell().textContent = value;
  }
  // A click on it is one on the row.
  const label = `Show this bar of ${bar.photo}`;
  row.insertCell().append(makeButton("Show", () => {}, { "aria-label": label }));
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
      ({ loops }) => new Set(loops.flat()).size || null,
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
