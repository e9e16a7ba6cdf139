// How far apart any two tokens are, in the dendrogram's order.

import { clearedCanvas, strokeLine } from "./canvas.js";
import { leafOrder, pairNumber } from "./data.js";

export class Matrix {
  constructor(canvas) {
    this.canvas = canvas;
    this.order = [];
    this.pointer = null;
  }

  draw(_shown, theme, data, k) {
    const side = data.sides[k];
    const size = this.canvas.clientWidth;
    const { ctx } = clearedCanvas(this.canvas, size);
    if (this.side !== side) {
      this.side = side;
      this.order = leafOrder(side);
      this.picture = this.paint(stepsOfRanks(side, data.last));
    }
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(this.picture, 0, 0, size, size);
    if (!this.pointer) return;
    const [y, x] = this.pointer.map((place) => ((place + 0.5) * size) / side.n);
    strokeLine(ctx, [[0, y], [size, y]], theme.accent, 1.5);
    strokeLine(ctx, [[x, 0], [x, size]], theme.accent, 1.5);
  }

  // A pixel a pair, on a canvas of its own.
  paint(steps) {
    const { side: { n, rank }, order } = this;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = n;
    const ctx = canvas.getContext("2d", { willReadFrequently: true });
    const pixels = ctx.createImageData(n, n);
    const largest = Math.max(1, steps[steps.length - 1]);
    for (let row = 0; row < n; row++) {
      for (let column = 0; column < n; column++) {
        const [i, j] = [order[row], order[column]];
        const far = i === j ? 0 : steps[rank[pairNumber(n, i, j)]] / largest;
        pixels.data.set(colourOfDistance(far), 4 * (row * n + column));
      }
    }
    ctx.putImageData(pixels, 0, 0);
    return canvas;
  }

  pairAt(x, y) {
    const n = this.order.length;
    const cell = this.canvas.clientWidth / n;
    const pointer = [y, x].map((value) => Math.floor(value / cell));
    this.pointer = pointer.every((place) => place >= 0 && place < n) ? pointer : null;
    return this.pointer && this.pointer.map((place) => this.order[place]);
  }
}

// From near (dark violet) to far (pale yellow): even in lightness, legible without colour.
function colourOfDistance(far) {
  return [60 + 193 * far, 10 + 228 * far ** 1.1, 95 + 90 * far, 255];
}

// Steps, not ranks: each pair in the scale's own units.
function stepsOfRanks(side, last) {
  const steps = new Uint16Array(side.rank.length);
  for (let rank = 0, step = 0; rank < steps.length; rank++) {
    while (step < last && side.edges[step] <= rank) step++;
    steps[rank] = step;
  }
  return steps;
}
