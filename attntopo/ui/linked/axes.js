// Axes: round numbers along them, and the square of birth and death.

import { strokeLine, writeText } from "./canvas.js";

// Round numbers up to the end, about so many.
export function ticks(end, count, begin = 0) {
  const raw = (end - begin) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => power * factor >= raw);
  const first = Math.ceil(begin / step - 1e-9);
  const length = Math.floor(end / step + 1e-9) - first + 1;
  return Array.from({ length }, (_, k) => (first + k) * step);
}

export const tickText = (value) => String(+value.toPrecision(6));

// The longest finite death of dimension 0 of both sides, so that both have one scale.
export function longestMerge(data) {
  return Math.max(1e-9, ...data.sides.map(({ tree }) => tree.lengths.at(-1) ?? 0));
}

// Birth to the right, death upwards, both from 0 to `end`; what never ends lies above.
export class BirthDeathAxes {
  constructor({ left, width, bottom, height }, end) {
    Object.assign(this, { left, width, bottom, height, end });
    this.endless = this.y(end) - 16;
  }

  x(birth) {
    return this.left + (birth / this.end) * this.width;
  }

  y(death) {
    return this.bottom - (death / this.end) * this.height;
  }

  place(bar) {
    return [this.x(bar.birth), bar.death === null ? this.endless : this.y(bar.death)];
  }

  // Where on the diagonal a bar of no length is that is nearest to a place.
  foot([x, y]) {
    const slope = this.height / this.width;
    const along = (x - this.left + (this.bottom - y) / slope) / 2;
    return [this.left + along, this.bottom - along * slope];
  }

  // Where a pair's two bars are; a bar without partner goes to the diagonal.
  ends([a, b]) {
    const from = a && this.place(a);
    const to = b && this.place(b);
    return [from ?? this.foot(to), to ?? this.foot(from)];
  }

  draw(ctx, theme) {
    const { left, bottom, end } = this;
    const [right, top] = [this.x(end), this.y(end)];
    strokeLine(ctx, [[left, top], [left, bottom], [right, bottom]], theme.axis, 1);
    strokeLine(ctx, [[left, bottom], [right, top]], theme.axis, 1);
    for (const value of ticks(end, 5)) {
      writeText(ctx, theme, tickText(value), [this.x(value), bottom + 15], "center", 11);
      if (value === 0) continue;
      writeText(ctx, theme, tickText(value), [left - 5, this.y(value) + 4], "right", 11);
    }
    writeText(ctx, theme, "birth", [right, bottom + 30], "right");
    // Above, where it is in sight though the picture may reach below the window.
    writeText(ctx, theme, "↑ death   → birth", [right, this.endless + 4], "right");
  }
}

// A's deaths to the right on a line above, B's on a line below, for bars that are all born at 0.
export class DeathAxes {
  constructor({ left, width, bottom, height }, end) {
    Object.assign(this, { left, width, end, levels: [bottom - height, bottom] });
    this.endless = left + width + 16;
  }

  x(death) {
    return death === null ? this.endless : this.left + (death / this.end) * this.width;
  }

  // A bar without partner goes to one of no length: it dies where it is born.
  ends(pair) {
    return pair.map((bar, k) => [this.x(bar ? bar.death : 0), this.levels[k]]);
  }

  draw(ctx, theme) {
    this.levels.forEach((level, k) => {
      const [side, beside] = [k ? 1 : -1, k ? 20 : -12];
      strokeLine(ctx, [[this.left, level], [this.x(this.end), level]], theme.axis, 1);
      for (const value of ticks(this.end, 5)) {
        strokeLine(ctx, [[this.x(value), level], [this.x(value), level + 5 * side]], theme.axis, 1);
        writeText(ctx, theme, tickText(value), [this.x(value), level + beside], "center", 11);
      }
      writeText(ctx, theme, "∞", [this.endless, level + beside], "center", 13);
      const words = `deaths in ${"AB"[k]}, ${["filled", "hollow"][k]}`;
      writeText(ctx, theme, words, [this.left, level + (k ? 38 : -28)]);
    });
  }
}
