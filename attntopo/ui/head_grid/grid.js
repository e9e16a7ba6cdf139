// Layers and heads as cells: one tab stop, arrows move, Enter or a click chooses.

const WORDS = ["mean", "rollout"];
const HEIGHT = 250; // pixels, for all rows
const [LEAST, MOST] = [9, 20]; // of a row
const [LIGHTEST, DARKEST] = [8, 90]; // percent of the colour; as the legend's, in grid.css
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

class HeadGrid {
  constructor(root) {
    this.root = root;
    this.table = root.querySelector("table");
    this.words = root.querySelector("p");
    this.legend = root.querySelector(".legend");
    this.table.addEventListener("click", ({ target }) => this.choose(target.closest("td")));
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.table.addEventListener("pointerover", ({ target }) => this.say(target.closest("td")));
    this.table.addEventListener("focusin", ({ target }) => this.say(target.closest("td")));
    this.table.addEventListener("pointerleave", () => this.say(null));
  }

  show(data, send) {
    this.send = send;
    if (JSON.stringify(data) === JSON.stringify(this.data)) return;
    const hadFocus = this.table.contains(this.root.getRootNode().activeElement);
    this.data = data;
    this.heads = [...Array(data.heads).keys(), ...WORDS];
    this.root.style.setProperty(
      "--cell",
      `${Math.max(LEAST, Math.min(MOST, Math.floor(HEIGHT / data.layers) - 2))}px`,
    );
    this.fill();
    this.fillLegend();
    if (hadFocus) this.chosen()?.focus();
    this.say(null);
  }

  fill() {
    const { layers, label } = this.data;
    const head = document.createElement("tr");
    head.append(document.createElement("th"));
    for (const name of this.heads) head.append(headerCell(name, "col"));
    const body = document.createElement("tbody");
    for (let layer = 0; layer < layers; layer++) {
      const row = body.insertRow();
      row.append(headerCell(layer, "row"));
      for (const name of this.heads) row.append(this.cell(layer, name));
    }
    const top = document.createElement("thead");
    top.append(head);
    this.table.replaceChildren(top, body);
    this.table.setAttribute("aria-label", label);
  }

  // Which colour is little and which is much.
  fillLegend() {
    const { legend } = this.data;
    this.legend.hidden = !legend;
    if (!legend) return;
    const [low, , high, words] = this.legend.children;
    [low.textContent, high.textContent, words.textContent] = [
      legend.low,
      legend.high,
      legend.words,
    ];
  }

  cell(layer, head) {
    const cell = document.createElement("td");
    const chosen = layer === this.data.layer && head === this.data.head;
    Object.assign(cell.dataset, { layer, head });
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("aria-selected", String(chosen));
    cell.setAttribute("aria-label", this.text(layer, head));
    cell.tabIndex = chosen ? 0 : -1;
    const value = this.value(layer, head);
    if (value !== null) {
      const { low, high } = this.data;
      cell.classList.add("known");
      const share = high > low ? (value - low) / (high - low) : 0.5;
      cell.style.setProperty("--share", `${Math.round(LIGHTEST + (DARKEST - LIGHTEST) * share)}%`);
    }
    return cell;
  }

  value(layer, head) {
    return this.data.values?.[layer]?.[head] ?? null;
  }

  text(layer, head) {
    const value = this.value(layer, head);
    const known = value === null ? "" : `: ${this.data.quantity} ${value.toFixed(4)}`;
    const name = WORDS.includes(head)
      ? { mean: "mean of heads", rollout: "rollout" }[head]
      : `head ${head}`;
    return `Layer ${layer}, ${name}${known}`;
  }

  // Of the cell that is pointed at, else of the one that is chosen.
  say(cell) {
    const { layer, head } = (cell ?? this.chosen())?.dataset ?? this.data;
    const name = WORDS.includes(head) ? head : +head;
    this.words.textContent = cell
      ? this.text(+layer, name)
      : `${this.text(+layer, name)}. ${this.data.note}`.trim();
  }

  chosen() {
    return this.table.querySelector('[aria-selected="true"]');
  }

  choose(cell) {
    if (!cell) return;
    const { layer, head } = cell.dataset;
    this.send({ layer: +layer, head: WORDS.includes(head) ? head : +head });
  }

  key(event) {
    const cell = event.target.closest("td");
    if (!cell) return;
    if (event.key === "Enter" || event.key === " ") this.choose(cell);
    const to = this.beside(cell, event);
    if (to) {
      for (const one of this.table.querySelectorAll("td")) one.tabIndex = one === to ? 0 : -1;
      to.focus();
    }
    if (to || event.key === " " || event.key === "Enter") event.preventDefault();
  }

  beside(cell, { key }) {
    const rows = this.table.tBodies[0].rows;
    const row = cell.parentElement.sectionRowIndex;
    if (key === "Home") return rows[row].cells[1];
    if (key === "End") return rows[row].cells[this.heads.length];
    if (!ARROWS[key]) return null;
    const [down, across] = ARROWS[key];
    return rows[row + down]?.cells[Math.max(1, cell.cellIndex + across)] ?? null;
  }
}

function headerCell(name, scope) {
  const cell = document.createElement("th");
  cell.scope = scope;
  const words = document.createElement("span");
  words.textContent = name;
  cell.append(words);
  if (WORDS.includes(name)) cell.className = "word";
  return cell;
}

export default function ({ parentElement, data: [data], setTriggerValue }) {
  const root = parentElement.querySelector(".head-grid");
  const grid = parentElement.headGrid ??= new HeadGrid(root);
  grid.show(data, (chosen) => setTriggerValue("cell", chosen));
}
