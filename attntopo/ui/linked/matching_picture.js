// The matching between both persistence diagrams, which lie over each other; in dimension 0, where
// all bars would lie on one line, between two axes of deaths.

import { BirthDeathAxes, DeathAxes, longestMerge } from "./axes.js";
import { barColour, clearedCanvas, fillMark, strokeLine, strokeMark, writeText } from "./canvas.js";

const HEIGHT = 360;

export class MatchingPicture {
  constructor(canvas) {
    this.canvas = canvas;
    this.marks = [];
  }

  draw({ matching: name, selection }, theme, data) {
    const { ctx, width, height } = clearedCanvas(this.canvas, HEIGHT);
    const { pairs, costs, attaining } = data.matchings[name];
    const dimension = +name[1];
    this.dimension = dimension;
    this.axes = makeAxes(dimension, data, width, height);
    this.axes.draw(ctx, theme);
    this.colours = [barColour(data, theme, dimension), theme.text];
    const selected = selection?.matching === name ? selection.number : null;
    this.marks = pairs.flatMap((pair, number) => {
      const ends = this.axes.ends(data.sides.map((side, k) => side.bars[dimension][pair[k]]));
      const stands = number === selected || number === attaining;
      const wide = number === selected ? 4 : stands ? 2.5 : 1;
      strokeLine(ctx, ends, stands ? theme.accent : theme.axis, wide);
      if (pair[0] >= 0) this.drawA(ctx, ends[0]);
      if (pair[1] >= 0) this.drawB(ctx, ends[1]);
      return marksAlong(ends, number, costs[number] ?? Infinity);
    });
    if (dimension > 0) this.drawLegend(ctx, theme);
  }

  drawA(ctx, place) {
    fillMark(ctx, place, this.dimension, 3.5, this.colours[0]);
  }

  drawB(ctx, place) {
    strokeMark(ctx, place, this.dimension, 4.5, this.colours[1], 1.4);
  }

  drawLegend(ctx, theme) {
    const [right, bottom] = [this.axes.x(this.axes.end), this.axes.bottom];
    this.drawA(ctx, [right - 96, bottom - 34]);
    writeText(ctx, theme, "A, filled", [right - 84, bottom - 30]);
    this.drawB(ctx, [right - 96, bottom - 14]);
    writeText(ctx, theme, "B, hollow", [right - 84, bottom - 10]);
  }
}

function makeAxes(dimension, data, width, height) {
  const wide = width - 60;
  if (dimension > 0) {
    const place = { left: 44, width: wide, bottom: height - 34, height: height - 70 };
    return new BirthDeathAxes(place, data.axis_end);
  }
  const place = { left: 16, width: wide, bottom: height - 52, height: height - 104 };
  return new DeathAxes(place, 1.04 * longestMerge(data));
}

// Places along a pair's line, for the pointer to find it by.
function marksAlong([[x, y], [endX, endY]], number, length) {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => (
    { number, length, x: x + share * (endX - x), y: y + share * (endY - y) }
  ));
}
