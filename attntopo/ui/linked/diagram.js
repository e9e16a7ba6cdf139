// One photo's persistence diagrams.

import { BirthDeathAxes } from "./axes.js";
import { barColour, clearedCanvas, fillMark, strokeLine, strokeMark, writeText } from "./canvas.js";
import { countUpTo, isAlive, lengthOf, mergesAt } from "./data.js";
import { differ, KeptLayer } from "./kept_layer.js";
import { isBar, selectedBar } from "./selection.js";

const RADII = [3.5, 4];
const NARROW = 340; // pixels, in which the legend has no room for words

export class Diagram {
  // Of the photo with a letter, A or B.
  constructor(canvas, letter) {
    Object.assign(this, { canvas, letter });
    this.marks = [];
    [this.ground, this.figures] = [new KeptLayer(), new KeptLayer()];
  }

  draw({ step, selection, hoveredBar }, theme, data, k) {
    const { ctx, width, height } = clearedCanvas(this.canvas);
    this.place(data, data.sides[k].bars, width, height);
    this.ground.draw(ctx, [theme, data], (layer) => this.axes.draw(layer, theme));
    this.drawScale(ctx, theme, Math.min(data.axis_end, step / data.steps_in_one));
    const alive = bornAndDead(data.sides[k], step);
    this.figures.draw(ctx, [theme, data, ...alive], (layer) => {
      this.drawMarks(layer, theme, data, step);
      this.drawLegend(layer, theme, data, width);
    });
    this.drawRing(ctx, selectedBar(selection, k), theme.text);
    if (hoveredBar?.side === k) this.drawRing(ctx, hoveredBar, theme.accent);
  }

  // Axes and marks, where they lie at this size.
  place(data, bars, width, height) {
    const placed = [data, bars, width, height];
    if (this.placed && !differ(this.placed, placed)) return;
    this.placed = placed;
    const box = { left: 44, width: width - 56, bottom: height - 36, height: height - 86 };
    this.axes = new BirthDeathAxes(box, data.axis_end);
    this.placeMarks(bars);
  }

  drawMarks(ctx, theme, data, step) {
    for (const { dimension, bar, x, y } of this.marks) {
      ctx.globalAlpha = isAlive(bar, step) ? 0.95 : 0.5;
      fillMark(ctx, [x, y], dimension, RADII[dimension], barColour(data, theme, dimension));
    }
    ctx.globalAlpha = 1;
  }

  // The corner of the bars that are there at this scale.
  drawScale(ctx, theme, scale) {
    const { axes } = this;
    const [left, right, bottom] = [axes.left, axes.x(scale), axes.y(scale)];
    const top = axes.endless - 8;
    ctx.fillStyle = theme.dark ? "rgba(255,255,255,0.07)" : "rgba(0,0,0,0.05)";
    ctx.fillRect(left, top, right - left, bottom - top);
    strokeLine(ctx, [[left, bottom], [right, bottom], [right, top]], theme.accent, 1.6);
    writeText(ctx, theme, "∞", [left - 8, axes.endless + 4], "right", 13);
  }

  placeMarks(bars) {
    this.marks = [0, 1].flatMap((dimension) =>
      bars[dimension].map((bar, number) => {
        const [x, y] = this.axes.place(bar);
        return { dimension, number, bar, x, y, length: lengthOf(bar) };
      })
    );
    this.marks.sort((a, b) => a.length - b.length); // persistent ones are drawn last
  }

  // As the keyboard goes through them: longest first.
  bars() {
    return [...this.marks].reverse();
  }

  drawRing(ctx, chosen, colour) {
    const one = this.marks.find(({ dimension, number }) => isBar(chosen, dimension, number));
    if (one) strokeMark(ctx, [one.x, one.y], one.dimension, 8, colour, 2.5);
  }

  // In a line above: whose diagram it is, and what the marks are.
  drawLegend(ctx, theme, data, width) {
    const { name } = data.sides["AB".indexOf(this.letter)];
    const [right, y] = [width - 12, 14];
    const words = ["H0: components", "H1: loops"];
    const marks = width < NARROW ? [right - 72, right - 30] : [right - 178, right - 66];
    const title = `${this.letter}: ${name}`;
    writeText(ctx, theme, title, [this.axes.left, y], "left", 13, marks[0] - 12 - this.axes.left);
    words.forEach((said, dimension) => {
      const x = marks[dimension];
      fillMark(ctx, [x, y - 4], dimension, 4, barColour(data, theme, dimension));
      writeText(ctx, theme, width < NARROW ? said.slice(0, 2) : said, [x + 10, y]);
    });
  }
}

// What tells apart two steps at which other bars are alive.
function bornAndDead(side, step) {
  const { born, dies } = side.loops;
  return [mergesAt(side, step), countUpTo(born, step), countUpTo(dies, step)];
}
