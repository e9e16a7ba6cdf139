// Betti curves: how many components and loops there are along the slider.

import { ticks, tickText } from "./axes.js";
import { barColour, clearedCanvas, strokeLine, writeText } from "./canvas.js";
import { loopsAt, mergesAt, stepAtShare, WHOLE_SHARE } from "./data.js";
import { KeptLayer } from "./kept_layer.js";
import { canvasLabel } from "./words.js";

// The slider's box in styles/base.css agrees with these.
const [LEFT, RIGHT] = [56, 16];
const ROWS = [
  (side, step) => side.n - mergesAt(side, step), // components
  loopsAt,
];
const ROOM_FOR_ZERO = 24; // pixels of height
const HEAD = 3; // pixels of the canvas, so that the highest line is whole
const FOOT = 14; // of the canvas, for the numbers along the scale

export class Curves {
  constructor(canvas) {
    this.canvas = canvas;
    canvas.setAttribute("aria-label", canvasLabel("curves"));
    this.still = new KeptLayer();
  }

  // `range` is the slider's: what lies below each other is the same place.
  draw({ data, position, share }, range, theme) {
    const { ctx, width, height } = clearedCanvas(this.canvas);
    this.right = width - RIGHT;
    this.range = range;
    this.find(data, share !== null);
    const follows = [this.heights, theme, range.first, range.last];
    this.still.draw(ctx, follows, (layer) => this.drawStill(layer, theme, data, share, height));
    const here = this.x(position);
    strokeLine(ctx, [[here, 0], [here, height - FOOT]], theme.accent, 1.6);
  }

  drawStill(ctx, theme, data, share, height) {
    const { range } = this;
    const tall = (height - HEAD - FOOT) / ROWS.length;
    ROWS.forEach((_, dimension) => {
      const top = HEAD + dimension * tall;
      this.drawRow(ctx, theme, data, { top, bottom: top + tall - 3 }, dimension);
    });
    const { style } = this.canvas.parentElement; // of the legend, too
    ROWS.forEach((_, dimension) => {
      style.setProperty(`--h${dimension}`, barColour(data, theme, dimension));
    });
    const along = share === null ? "scale" : "merged";
    writeText(ctx, theme, along, [LEFT - 14, height - 2], "right", 11);
    const unit = share === null ? data.steps_in_one : WHOLE_SHARE / 100;
    for (const value of ticks(range.last / unit, 5, range.first / unit)) {
      const words = share === null ? tickText(value) : `${value} %`;
      writeText(ctx, theme, words, [this.x(value * unit), height - 2], "center", 11);
    }
  }

  x(position) {
    const { first, last } = this.range;
    return LEFT + ((this.right - LEFT) * (position - first)) / (last - first);
  }

  // Both curves of both sides, found anew with other heads only.
  find(data, byShare) {
    if (this.data === data && this.byShare === byShare) return;
    Object.assign(this, { data, byShare });
    this.stairs = data.sides.map(byShare ? shareStairs : scaleStairs);
    this.heights = ROWS.map((count) =>
      this.stairs.map((own, k) => own.map(({ step }) => count(data.sides[k], step)))
    );
  }

  drawRow(ctx, theme, data, { top, bottom }, dimension) {
    const heights = this.heights[dimension];
    const most = Math.max(1, ...heights.flat());
    const y = (value) => bottom - ((bottom - top - 3) * value) / most;
    strokeLine(ctx, [[LEFT, bottom], [this.right, bottom]], theme.axis, 1);
    writeText(ctx, theme, String(most), [LEFT - 5, top + 10], "right", 11);
    if (bottom - top > ROOM_FOR_ZERO) {
      writeText(ctx, theme, "0", [LEFT - 5, bottom + 2], "right", 11);
    }
    this.stairs.forEach((own, k) => {
      const places = stairsBetween(own, heights[k], this.range)
        .flatMap(([from, to, value]) => [[this.x(from), y(value)], [this.x(to), y(value)]]);
      strokeLine(ctx, places, barColour(data, theme, dimension), 1.7, k ? [5, 4] : []);
    });
  }
}

// Where along the slider a side changes, and the step that it is at from there on.
function scaleStairs({ tree, loops }) {
  const steps = [0, ...tree.steps, ...loops.born, ...loops.dies];
  return [...new Set(steps)].sort((a, b) => a - b).map((step) => ({ from: step, step }));
}

function shareStairs(side) {
  const all = side.tree.steps.length;
  return Array.from({ length: all + 1 }, (_, count) => {
    const from = count ? Math.floor(((count - 1) * WHOLE_SHARE) / all) + 1 : 0;
    return { from, step: stepAtShare(side, from) };
  });
}

// Beginning, end and height of each stair that lies in the range.
function stairsBetween(own, heights, { first, last }) {
  return own.map(({ from }, k) => [from, own[k + 1]?.from ?? last, heights[k]])
    .filter(([from, to]) => to >= first && from <= last)
    .map(([from, to, value]) => [Math.max(first, from), Math.min(last, to), value]);
}
