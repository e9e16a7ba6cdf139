// Which components join at which scale: single linkage.

import { longestMerge, ticks, tickText } from "./axes.js";
import { clearedCanvas, strokeLine, writeText } from "./canvas.js";
import { colourOf, leafOrder, mergesAt } from "./data.js";
import { selectedBar } from "./selection.js";

const HEIGHT_OF_TREE = 318;
const ABOVE = 26; // the tree, for the scale's name
const LEAVES_FROM = 44; // of the leaves; the scale's numbers are beside them

export class Dendrogram {
  constructor(canvas) {
    this.canvas = canvas;
    this.marks = [];
  }

  draw({ step, selection, hoveredBar, components }, theme, data, k) {
    const { ctx, width, height } = clearedCanvas(this.canvas, HEIGHT_OF_TREE);
    const side = data.sides[k];
    this.end = 1.05 * longestMerge(data);
    this.bottom = height - 18;
    this.height = this.bottom - ABOVE;
    this.placeMerges(side, width);
    // Merges at length 0, of identical rows, are no bars; the others come in the same order.
    this.skipped = side.tree.lengths.length - (side.bars[0].length - 1);
    const chosen = selectedBar(selection, k);
    const pointed = hoveredBar?.side === k ? hoveredBar : null;
    const accented = [chosen, pointed].filter((bar) => bar?.dimension === 0)
      .map(({ number }) => side.bars[0][number].merge);
    const merges = mergesAt(side, step);
    for (const mark of this.marks) {
      const own = colourOf(data.palette, components.colour[side.tree.survivors[mark.merge]]);
      const plain = mark.merge < merges ? own : theme.axis;
      if (accented.includes(mark.merge)) strokeLine(ctx, mark.places, theme.accent, 3);
      else strokeLine(ctx, mark.places, plain, 1.1);
    }
    this.drawScale(ctx, theme, Math.min(this.end, step / data.steps_in_one), width);
  }

  y(length) {
    return this.bottom - (this.height * length) / this.end;
  }

  // Each merge is a bridge over the middles of the two components that it joins.
  placeMerges(side, width) {
    const { n, tree } = side;
    const x = new Float64Array(n);
    const y = new Float64Array(n).fill(this.y(0));
    leafOrder(side).forEach((point, place) => {
      x[point] = LEAVES_FROM + ((width - LEAVES_FROM - 8) * (place + 0.5)) / n;
    });
    this.marks = tree.survivors.map((stays, merge) => {
      const goes = tree.absorbed[merge];
      const top = this.y(tree.lengths[merge]);
      const [left, right] = [x[stays], x[goes]];
      const places = [[left, y[stays]], [left, top], [right, top], [right, y[goes]]];
      x[stays] = (left + right) / 2;
      y[stays] = top;
      return { merge, places, from: Math.min(left, right), to: Math.max(left, right), y: top };
    });
  }

  drawScale(ctx, theme, scale, width) {
    for (const value of ticks(this.end, 5)) {
      writeText(ctx, theme, tickText(value), [LEAVES_FROM - 4, this.y(value) + 4], "right", 11);
    }
    writeText(ctx, theme, "↑ scale at which they join", [4, 13]);
    writeText(ctx, theme, "tokens", [width - 8, this.bottom + 14], "right");
    const level = this.y(scale);
    strokeLine(ctx, [[LEAVES_FROM - 2, level], [width, level]], theme.accent, 1.4, [5, 4]);
  }

  // As the keyboard goes through them: from the last merge on.
  bars() {
    return this.marks.slice(this.skipped).reverse().map((mark) => this.barOf(mark));
  }

  barOf({ merge }) {
    return { dimension: 0, number: merge - this.skipped };
  }

  barAt(x, y) {
    let best = null;
    let least = 10;
    for (const one of this.marks) {
      const distance = Math.abs(one.y - y) + Math.max(0, one.from - x, x - one.to);
      if (distance < least && one.merge >= this.skipped) [best, least] = [one, distance];
    }
    return best && this.barOf(best);
  }
}
