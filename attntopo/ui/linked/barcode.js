// Every bar from the scale at which it appears to that at which it ends.

import { ticks, tickText } from "./axes.js";
import { barColour, clearedCanvas, strokeLine, writeText } from "./canvas.js";
import { isAlive } from "./data.js";
import { isBar, selectedBar } from "./selection.js";
import { counted } from "./counts.js";

const NAMES = ["H0: components", "H1: loops"];
const [LEFT_MARGIN, RIGHT_MARGIN] = [8, 14];
const [THINNEST, THICKEST] = [[0.9, 1.2], [4, 6]];
const FOR_ALL = [520, 190]; // pixels, for all bars of a dimension
const FOR_AXIS = 30;

export class Barcode {
  constructor(canvas) {
    this.canvas = canvas;
    this.rows = [];
  }

  draw({ step, selection, hoveredBar }, theme, data, k) {
    const { bars } = data.sides[k];
    this.end = data.axis_end;
    const thick = bars.map((own, dimension) => {
      const even = FOR_ALL[dimension] / Math.max(1, own.length);
      const one = Math.max(THINNEST[dimension], Math.min(THICKEST[dimension], even));
      return one < 2 ? one : Math.floor(one); // so that the lines between them are even
    });
    const total = 72 + FOR_AXIS + bars[0].length * thick[0] + bars[1].length * thick[1];
    const { ctx, width, height } = clearedCanvas(this.canvas, Math.round(total));
    this.width = width;
    this.rows = [];
    let y = 18;
    bars.forEach((own, dimension) => {
      writeText(ctx, theme, `${NAMES[dimension]} (${counted(own.length, "bar")})`, [
        LEFT_MARGIN,
        y - 4,
      ]);
      for (const number of byBirth(own)) {
        const row = { dimension, number, top: y, bottom: y + thick[dimension] };
        const chosen = isBar(selectedBar(selection, k), dimension, number) ||
          (hoveredBar?.side === k && isBar(hoveredBar, dimension, number));
        ctx.fillStyle = chosen ? theme.accent : barColour(data, theme, dimension);
        ctx.globalAlpha = chosen ? 1 : isAlive(own[number], step) ? 0.9 : 0.4;
        this.fillBar(ctx, own[number], row, chosen);
        this.rows.push(row);
        y = row.bottom;
      }
      ctx.globalAlpha = 1;
      y += 26;
    });
    this.drawScale(ctx, theme, Math.min(data.axis_end, step / data.steps_in_one), height);
  }

  x(scale) {
    return LEFT_MARGIN + ((this.width - LEFT_MARGIN - RIGHT_MARGIN) * scale) / this.end;
  }

  fillBar(ctx, bar, { top, bottom }, chosen) {
    const from = this.x(bar.birth);
    const to = bar.death === null ? this.width - 8 : this.x(bar.death);
    const gap = bottom - top < 2 ? 0.6 : 1;
    const tall = chosen ? bottom - top + 2 : Math.max(0.8, bottom - top - gap);
    ctx.fillRect(from, chosen ? top - 1 : top, Math.max(1.5, to - from), tall);
  }

  drawScale(ctx, theme, scale, height) {
    for (const value of ticks(this.end, 4)) {
      writeText(ctx, theme, tickText(value), [this.x(value), height - 18], "center", 11);
    }
    writeText(ctx, theme, "scale", [this.width - RIGHT_MARGIN, height - 4], "right");
    const x = this.x(scale);
    strokeLine(ctx, [[x, 4], [x, height - FOR_AXIS]], theme.accent, 1.4);
  }

  // As the keyboard goes through them.
  bars() {
    return this.rows;
  }

  barAt(_x, y) {
    const away = ({ top, bottom }) => Math.abs(y - (top + bottom) / 2);
    const near = this.rows.filter((row) => y >= row.top - 1 && y <= row.bottom + 1);
    return near.reduce((a, b) => a && away(a) <= away(b) ? a : b, null);
  }
}

function byBirth(bars) {
  const death = (number) => bars[number].death ?? Number.MAX_VALUE;
  const order = (a, b) => bars[a].birth - bars[b].birth || death(a) - death(b);
  return [...bars.keys()].sort(order);
}
