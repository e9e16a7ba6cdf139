// Betti curves: how many components and loops there are at each step of the scale.

import { ticks, tickText } from "./axes.js";
import { barColour, clearedCanvas, strokeLine, writeText } from "./canvas.js";

// The slider's box in view.css agrees with these.
const [LEFT, RIGHT] = [40, 16];
const ROWS = ["components", "loops"];
const FOOT = 14; // of the canvas, for the numbers along the scale

export class Curves {
  constructor(canvas) {
    this.canvas = canvas;
  }

  draw(step, theme, data) {
    const { ctx, width, height } = clearedCanvas(this.canvas);
    this.right = width - RIGHT;
    this.last = data.last;
    const tall = (height - FOOT) / ROWS.length;
    ROWS.forEach((what, dimension) => {
      const row = { what, top: dimension * tall, bottom: (dimension + 1) * tall - 3 };
      this.drawRow(ctx, theme, data, row, dimension);
    });
    for (const value of ticks(data.last / data.steps_in_one, 5)) {
      const place = [this.x(value * data.steps_in_one), height - 2];
      writeText(ctx, theme, tickText(value), place, "center", 11);
    }
    strokeLine(ctx, [[this.x(step), 0], [this.x(step), height - FOOT]], theme.accent, 1.6);
  }

  x(step) {
    return LEFT + ((this.right - LEFT) * step) / this.last;
  }

  drawRow(ctx, theme, data, { what, top, bottom }, dimension) {
    const most = Math.max(1, ...data.sides.flatMap((side) => side[what]));
    const y = (value) => bottom - ((bottom - top - 3) * value) / most;
    strokeLine(ctx, [[LEFT, bottom], [this.right, bottom]], theme.axis, 1);
    writeText(ctx, theme, String(most), [LEFT - 5, top + 10], "right", 11);
    writeText(ctx, theme, "0", [LEFT - 5, bottom + 2], "right", 11);
    data.sides.forEach((side, k) => {
      const places = side[what].flatMap((value, step) => {
        const steps = step < data.last ? [step, step + 1] : [step];
        return steps.map((one) => [this.x(one), y(value)]);
      });
      strokeLine(ctx, places, barColour(data, theme, dimension), 1.7, k ? [5, 4] : []);
    });
    writeText(ctx, theme, `${what} — A solid, B dashed`, [this.right, top + 11], "right", 11);
  }
}
