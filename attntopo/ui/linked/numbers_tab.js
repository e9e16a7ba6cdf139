// Tab with every number of the comparison, at the present scale.

import { distanceText, lengthText, pairedText, shareText, TAB_CAPTIONS } from "./words.js";

const DISTANCES = [
  ["H0 bottleneck", "h0-bottleneck"],
  ["H1 bottleneck", "h1-bottleneck"],
  ["H0 1-Wasserstein", "h0-wasserstein-1"],
  ["H0 2-Wasserstein", "h0-wasserstein-2"],
  ["H1 1-Wasserstein", "h1-wasserstein-1"],
  ["H1 2-Wasserstein", "h1-wasserstein-2"],
];

const PAIRED_CAPTION = "RTD-lite and the merge-height correlation compare token by token. " +
  "Distances between diagrams don't know which token is which: two heads that group other tokens " +
  "can be at 0. ";

export class NumbersTab {
  constructor(view) {
    this.view = view;
    this.body = document.createElement("tbody");
    const table = document.createElement("table");
    table.className = "numbers-table";
    const head = table.createTHead();
    fillRow(head.insertRow(), ["", "A", "B", "between A and B"], "th");
    table.append(this.body);
    this.elements = [table];
  }

  get caption() {
    return this.view.data.paired ? PAIRED_CAPTION + TAB_CAPTIONS.numbers : TAB_CAPTIONS.numbers;
  }

  draw() {
    const { data, state } = this.view;
    const rows = [...pairedRows(data), ...betweenRows(data), ...countRows(data, state)];
    const text = JSON.stringify(rows);
    if (this.text === text) return;
    this.text = text;
    this.body.replaceChildren();
    for (const row of rows) fillRow(this.body.insertRow(), row, "td");
  }
}

function fillRow(row, texts, tag) {
  texts.forEach((text, k) => {
    const cell = document.createElement(k ? tag : "th");
    if (!k || tag === "th") cell.scope = tag === "th" ? "col" : "row";
    cell.textContent = text;
    row.append(cell);
  });
}

function pairedRows({ paired }) {
  if (!paired) return [];
  return [
    ["RTD-lite", pairedText(paired.rtd_lite)],
    ["merge-height correlation", pairedText(paired.merge_heights)],
  ].map(([label, value]) => [label, "", "", value]);
}

function betweenRows({ matchings, notebook }) {
  const rows = DISTANCES.map(([label, name]) => [label, distanceText(matchings[name])]);
  rows.splice(2, 0, ["H0 bottleneck, as the notebook", lengthText(notebook)]);
  return rows.map(([label, value]) => [label, "", "", value]);
}

function countRows(data, state) {
  const counts = data.sides.map((side, k) => {
    const { sizes } = state.components(k);
    const single = sizes.filter((size) => size === 1).length;
    const several = sizes.filter((size) => size > 1).length;
    const { edges, loops } = state.counts(k);
    const share = shareText(edges / Math.max(1, side.rank.length));
    return [several + single, several, single, loops, edges, share];
  });
  const labels = [
    "components",
    "components of two tokens or more",
    "single tokens",
    "loops",
    "edges",
    "share of edges",
  ];
  return labels.map((label, row) => [label, ...counts.map((one) => String(one[row])), ""]);
}
