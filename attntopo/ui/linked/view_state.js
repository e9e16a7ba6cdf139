// What the view shows at the moment, and what follows from it. Nothing here draws.

import {
  componentsAfter,
  edgesAt,
  heatOf,
  isAlive,
  loopsAt,
  mergesAt,
  nearestPoints,
  OBJECTS_SHARE,
  shareAt,
  stepAtShare,
} from "./data.js";
import { differ } from "./kept_layer.js";
import { marksOf, parseSelection } from "./selection.js";

const NEIGHBOURS = 5;
const NO_POINTS = [];

export class ViewState {
  constructor() {
    this.data = null;
    this.made = {};
    this.step = 0;
    this.automatic = true; // nobody has chosen a scale: it is that of the objects
    this.share = null; // of merges, where that leads and not the scale
    this.selection = null;
    // Where the pointer and the keyboard's cursor are.
    this.hovered = null; // { side, points }
    this.hoveredBar = null; // { side, dimension, number }
    this.cursor = [null, null];
    this.moving = false;
    this.storyRuns = false; // it is told of components
    // Display options: from where all is looked at.
    this.opacity = 0.6;
    this.patches = "components"; // what they are coloured by
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
    this.takeScale(this.automatic ? null : this.step, this.share);
  }

  takeScale(step, share) {
    this.automatic = step === null;
    this.step = this.automatic ? this.data.objects : Math.min(step, this.data.largest);
    this.share = share ?? null;
  }

  // Where the slider stands: a step of the scale, or a share of merges.
  get position() {
    return this.share ?? this.step;
  }

  // At which step a side is shown: at a share each is at its own.
  stepOf(k) {
    return this.stepAt(k, this.position);
  }

  stepAt(k, position) {
    return this.share === null ? position : stepAtShare(this.data.sides[k], position);
  }

  // Merges and loops of both sides: what tells two positions apart.
  numbersAt(position) {
    return this.data.sides.flatMap((side, k) => {
      const step = this.stepAt(k, position);
      return [mergesAt(side, step), loopsAt(side, step)];
    });
  }

  slideTo(position) {
    if (this.share === null) this.takeScale(position, null);
    else this.share = position;
  }

  // To a scale, which leads from now on.
  moveTo(step) {
    this.takeScale(step, null);
  }

  // At one scale, or each side at its own: that leads from now on.
  goToObjects(own) {
    if (this.share === null && !own) this.takeScale(null, null);
    else this.share = OBJECTS_SHARE;
  }

  // "share" or "scale": the scale is what it was before.
  leadBy(what) {
    const present = this.automatic ? OBJECTS_SHARE : shareAt(this.data.sides, this.step);
    this.share = what === "share" ? present : null;
  }

  // Of a side at its step; made anew only where a merge lies between.
  components(k) {
    const side = this.data.sides[k];
    const merges = mergesAt(side, this.stepOf(k));
    return this.madeOnce(`components ${k}`, [side, merges], () => componentsAfter(side, merges));
  }

  // How many edges and loops there are in a side at this step.
  counts(k) {
    const [side, step] = [this.data.sides[k], this.stepOf(k)];
    return { edges: edgesAt(side, step), loops: loopsAt(side, step) };
  }

  // What the pointer is on shows its class at once; what is selected stays.
  marks(k) {
    const { data, selection, hoveredBar: bar } = this;
    return this.madeOnce(`marks ${k}`, [data, selection, bar], () => {
      if (!bar) return marksOf(data, selection, k);
      return bar.side === k ? marksOf(data, { kind: "bar", ...bar }, k) : null;
    });
  }

  // Whether the loop that is marked isn't there at this step.
  isGhost(k) {
    const bar = this.marks(k)?.bar;
    return bar !== undefined && !isAlive(bar, this.stepOf(k));
  }

  // Which points a token of this side attends to, or is near to.
  around(k, token) {
    const side = this.data.sides[k];
    if (token === null) return { heat: null, neighbours: NO_POINTS };
    return this.madeOnce(`around ${k}`, [side, token, this.heat], () => ({
      heat: heatOf(side, token, this.heat),
      neighbours: nearestPoints(side, token, NEIGHBOURS),
    }));
  }

  // Where the two heads disagree, if that is to be painted and is known.
  shifts(k) {
    const { data: { paired, sides }, patches, storyRuns } = this;
    if (patches !== "shifts" || storyRuns || !sides[k].shifts) return null;
    return this.madeOnce(`shifts ${k}`, [sides[k]], () => {
      // What isn't shifted at all has no largest shift to be measured by.
      const largest = paired.largest || 1;
      return { shares: sides[k].shifts.map((shift) => shift / largest) };
    });
  }

  // The same object as last time, where it would follow from the same values: what is painted from
  // it stays as it is then.
  madeOnce(what, follows, make) {
    const last = this.made[what];
    if (last && !differ(last.follows, follows)) return last.value;
    const value = make();
    this.made[what] = { follows, value };
    return value;
  }

  parse(text) {
    return parseSelection(this.data, text);
  }

  // All that the pictures of one side follow.
  shown(k) {
    const { data, selection } = this;
    const token = selection?.kind === "token" && selection.side === k ? selection.point : null;
    return {
      step: this.stepOf(k),
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
      isGhost: this.isGhost(k),
      hovered: this.hovered?.side === k ? this.hovered.points : NO_POINTS,
      cursor: this.cursor[k],
      shifts: this.shifts(k),
      ...this.around(k, token),
    };
  }

  // What a link carries besides the scale, the selection and the cameras, by its names there.
  displayOptions() {
    const { column, direction } = this.sort;
    return {
      paint: Math.round(100 * this.opacity),
      patches: this.patches,
      frame: this.frame,
      tab: this.tab,
      matching: this.matching,
      heat: this.heat,
      sort: `${column}-${direction > 0 ? "up" : "down"}`,
      shown: "ab"[this.side],
    };
  }

  takeDisplayOptions({ paint, patches, frame, tab, matching, heat, sort, shown }) {
    const [column, way] = sort.split("-");
    Object.assign(this, { opacity: paint / 100, patches, frame, tab, matching, heat });
    this.sort = { column, direction: way === "up" ? 1 : -1 };
    this.side = "ab".indexOf(shown);
  }
}
