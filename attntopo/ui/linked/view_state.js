// What the view shows at the moment, and what follows from it. Nothing here draws.

import { componentsAfter, heatOf, nearestPoints } from "./data.js";
import { marksOf, parseSelection } from "./selection.js";

const NEIGHBOURS = 5;

export class ViewState {
  constructor() {
    this.data = null;
    this.step = 0;
    this.selection = null;
    // Where the pointer and the keyboard's cursor are.
    this.hovered = null; // { side, points }
    this.hoveredBar = null; // { side, dimension, number }
    this.cursor = [null, null];
    this.moving = false;
    // Display options: from where all is looked at.
    this.opacity = 0.6;
    this.frame = "photo"; // what is shown of the photo: see photo_frame.js
    this.heat = "to";
    this.tab = "diagrams";
    this.matching = "h1-bottleneck";
    this.sort = { column: "length", direction: -1 };
    this.side = 0; // the one that is shown where there is room for one
  }

  load(data) {
    if (this.data?.id !== data.id) {
      [this.selection, this.hovered, this.hoveredBar] = [null, null, null];
      this.cursor = [null, null];
    }
    this.data = data;
    this.step = Math.min(this.step, data.last);
    this.lastComponents = [null, null];
  }

  // Of both sides at this step; made anew only where a merge lies between.
  components(k) {
    const side = this.data.sides[k];
    const merges = side.n - side.components[this.step];
    if (this.lastComponents[k]?.merges !== merges) {
      this.lastComponents[k] = { merges, ...componentsAfter(side, merges) };
    }
    return this.lastComponents[k];
  }

  // How many edges and loops there are in a side at this step.
  counts(k) {
    const side = this.data.sides[k];
    return { edges: side.edges[this.step], loops: side.loops[this.step] };
  }

  // What the pointer is on shows its class at once; what is selected stays.
  marks(k) {
    const bar = this.hoveredBar;
    if (!bar) return marksOf(this.data, this.selection, k);
    return bar.side === k ? marksOf(this.data, { kind: "bar", ...bar }, k) : null;
  }

  parse(text) {
    return parseSelection(this.data, text);
  }

  // All that the pictures of one side follow.
  shown(k) {
    const { data, selection } = this;
    const token = selection?.kind === "token" && selection.side === k ? selection.point : null;
    const side = data.sides[k];
    return {
      step: this.step,
      selection,
      hoveredBar: this.hoveredBar,
      matching: this.matching,
      opacity: this.opacity,
      frame: this.frame,
      moving: this.moving,
      palette: data.palette,
      colourBy: data.colour_by,
      components: this.components(k),
      marks: this.marks(k),
      hovered: this.hovered?.side === k ? this.hovered.points : [],
      cursor: this.cursor[k],
      heat: token === null ? null : heatOf(side, token, this.heat),
      neighbours: token === null ? [] : nearestPoints(side, token, NEIGHBOURS),
    };
  }

  // What a link carries besides the scale, the selection and the cameras, by its names there.
  displayOptions() {
    const { column, direction } = this.sort;
    return {
      paint: Math.round(100 * this.opacity),
      frame: this.frame,
      tab: this.tab,
      matching: this.matching,
      heat: this.heat,
      sort: `${column}-${direction > 0 ? "up" : "down"}`,
      shown: "ab"[this.side],
    };
  }

  takeDisplayOptions({ paint, frame, tab, matching, heat, sort, shown }) {
    const [column, way] = sort.split("-");
    Object.assign(this, { opacity: paint / 100, frame, tab, matching, heat });
    this.sort = { column, direction: way === "up" ? 1 : -1 };
    this.side = "ab".indexOf(shown);
  }
}
