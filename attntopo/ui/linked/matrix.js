// How far apart any two tokens are, in the dendrogram's order, with a scale of the colours.

import { ticks, tickText } from "./axes.js";
import { clearedCanvas, strokeLine, writeText } from "./canvas.js";
import { leafOrder, pairNumber } from "./data.js";

const FOR_COLOURS = 62; // pixels below the matrix
const COLOURS_WIDE = 280;

export class Matrix {
  constructor(canvas) {
    this.canvas = canvas;
    this.order = [];
    this.pointer = null; // row and column
  }

  draw(_shown, theme, data, k) {
    const side = data.sides[k];
    const size = this.canvas.clientWidth;
    const { ctx } = clearedCanvas(this.canvas, size + FOR_COLOURS);
    if (this.side !== side) {
      this.side = side;
      this.order = leafOrder(side);
      this.largest = Math.max(1, ...data.sides.map(({ edges }) => edges.at(-1) ?? 0));
      this.picture = this.paint(side.edges);
    }
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(this.picture, 0, 0, size, size);
    this.drawColours(ctx, theme, this.largest / data.steps_in_one, size);
    if (!this.pointer) return;
    const [y, x] = this.pointer.map((place) => ((place + 0.5) * size) / side.n);
    strokeLine(ctx, [[0, y], [size, y]], theme.accent, 1.5);
    strokeLine(ctx, [[x, 0], [x, size]], theme.accent, 1.5);
  }

  // A pixel a pair, on a canvas of its own; steps, not ranks: in the scale's own units.
  paint(steps) {
    const { side: { n, rank }, order, largest } = this;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = n;
    const ctx = canvas.getContext("2d", { willReadFrequently: true });
    const pixels = ctx.createImageData(n, n);
    for (let row = 0; row < n; row++) {
      for (let column = 0; column < n; column++) {
        const [i, j] = [order[row], order[column]];
        const far = i === j ? 0 : steps[rank[pairNumber(n, i, j)]] / largest;
        pixels.data.set([...colourOfDistance(far), 255], 4 * (row * n + column));
      }
    }
    ctx.putImageData(pixels, 0, 0);
    return canvas;
  }

  // Which colour is which distance, the same for both photos.
  drawColours(ctx, theme, end, size) {
    const wide = Math.min(size, COLOURS_WIDE) - 24;
    const x = (value) => 12 + (wide * value) / end;
    for (let column = 0; column < wide; column++) {
      ctx.fillStyle = `rgb(${colourOfDistance((column + 0.5) / wide).join(",")})`;
      ctx.fillRect(12 + column, size + 10, 1.5, 12);
    }
    for (const value of ticks(end, 5)) {
      strokeLine(ctx, [[x(value), size + 22], [x(value), size + 26]], theme.axis, 1);
      writeText(ctx, theme, tickText(value), [x(value), size + 38], "center", 11);
    }
    writeText(ctx, theme, "distance between the two tokens", [12, size + 55]);
  }

  pairAt(x, y) {
    const cell = this.canvas.clientWidth / this.order.length;
    return this.pointsAt([y, x].map((value) => Math.floor(value / cell)));
  }

  // The two points of a row and a column, which are remembered; null beside the matrix.
  pointsAt(places) {
    const n = this.order.length;
    this.pointer = places.every((place) => place >= 0 && place < n) ? places : null;
    return this.pointer && this.pointer.map((place) => this.order[place]);
  }
}

// From near (dark violet) to far (pale yellow): even in lightness, legible without colour.
function colourOfDistance(far) {
  return [60 + 193 * far, 10 + 228 * far ** 1.1, 95 + 90 * far];
}
