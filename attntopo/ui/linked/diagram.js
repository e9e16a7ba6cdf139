// Persistence diagrams, Betti curves, and the matchings between two diagrams.

function axes(ctx, theme, box, end, labels) {
  const X = (value) => box.left + (value / end) * box.width, Y = (value) => box.bottom - (value / end) * box.height;
  ctx.strokeStyle = theme.axis;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(X(0), Y(end)); ctx.lineTo(X(0), Y(0)); ctx.lineTo(X(end), Y(0)); ctx.moveTo(X(0), Y(0)); ctx.lineTo(X(end), Y(end));
  ctx.stroke();
  for (const value of ticks(end, 4)) {
    text(ctx, theme, short(value), X(value), Y(0) + 15, "center", 11);
    if (value) text(ctx, theme, short(value), X(0) - 5, Y(value) + 4, "right", 11);
  }
  if (labels) {
    text(ctx, theme, "birth", X(end), Y(0) + 30, "right");
    text(ctx, theme, "death", X(0) + 6, Y(end) + 2);
  }
  return { X, Y };
}

class Diagram {
  constructor(box) { this.canvas = box.querySelector(".diagram-canvas"); }

  draw(state, theme, data, k) {
    const { ctx, width, height } = context(this.canvas), side = data.sides[k], end = data.axis_end;
    const box = { left: 44, width: width - 56, bottom: height - 36, height: height - 70 };
    const { X, Y } = axes(ctx, theme, box, end, true);
    const scale = Math.min(end, state.step / data.steps_in_one), top = Y(end) - 16;
    ctx.fillStyle = theme.dark ? "rgba(255,255,255,0.07)" : "rgba(0,0,0,0.05)";
    ctx.fillRect(X(0), top - 8, X(scale) - X(0), Y(scale) - top + 8);
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 1.6;
    ctx.beginPath();
    ctx.moveTo(X(0), Y(scale)); ctx.lineTo(X(scale), Y(scale)); ctx.lineTo(X(scale), top - 8);
    ctx.stroke();
    text(ctx, theme, "∞", X(0) - 8, top + 4, "right", 13);
    this.marks = [];
    for (const dimension of [0, 1]) side.bars[dimension].forEach((bar, number) =>
      this.marks.push({ dimension, number, bar, x: X(bar.birth), y: bar.death === null ? top : Y(bar.death), length: bar.death === null ? Infinity : bar.death - bar.birth }));
    this.marks.sort((a, b) => a.length - b.length);  // persistent ones are drawn last
    for (const one of this.marks) {
      ctx.globalAlpha = alive(one.bar, state.step) ? 0.95 : 0.38;
      ctx.fillStyle = barColour(data, theme, one.dimension);
      mark(ctx, one.x, one.y, one.dimension, one.dimension ? 4 : 3.5);
      ctx.fill();
    }
    ctx.globalAlpha = 1;
    this.ring(ctx, theme, pickedBar(state.pick, k), theme.text);
    this.ring(ctx, theme, state.hoveredBar?.side === k && [state.hoveredBar.dimension, state.hoveredBar.number], theme.accent);
    this.legend(ctx, theme, data, width, box.bottom);
  }

  ring(ctx, theme, bar, colour) {
    const one = bar && this.marks.find(({ dimension, number }) => dimension === bar[0] && number === bar[1]);
    if (!one) return;
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2.5;
    mark(ctx, one.x, one.y, one.dimension, 8);
    ctx.stroke();
  }

  // Below the diagonal, where no bar can be.
  legend(ctx, theme, data, width, bottom) {
    [["H1: loops", 1], ["H0: components", 0]].forEach(([words, dimension], k) => {
      const x = width - 122, y = bottom - 16 - 18 * k;
      ctx.fillStyle = barColour(data, theme, dimension);
      mark(ctx, x, y, dimension, 4);
      ctx.fill();
      text(ctx, theme, words, x + 10, y + 4, "left", 12);
    });
  }
}

class Curves {
  constructor(canvas) { this.canvas = canvas; }

  draw(state, theme, data) {
    const { ctx, width } = context(this.canvas), left = 40, right = width - 16;
    const X = (step) => left + ((right - left) * step) / data.last;
    [["components", 0, 62], ["loops", 72, 124]].forEach(([what, top, bottom], dimension) => {
      const most = Math.max(1, ...data.sides.flatMap((side) => side[what]));
      const Y = (value) => bottom - ((bottom - top - 12) * value) / most;
      ctx.strokeStyle = theme.axis;
      ctx.lineWidth = 1;
      ctx.beginPath(); ctx.moveTo(left, bottom); ctx.lineTo(right, bottom); ctx.stroke();
      text(ctx, theme, String(most), left - 5, top + 16, "right", 11);
      text(ctx, theme, "0", left - 5, bottom + 2, "right", 11);
      ctx.strokeStyle = barColour(data, theme, dimension);
      ctx.lineWidth = 1.7;
      data.sides.forEach((side, k) => {
        ctx.setLineDash(k ? [5, 4] : []);
        ctx.beginPath();
        side[what].forEach((value, step) => { ctx.lineTo(X(step), Y(value)); if (step < data.last) ctx.lineTo(X(step + 1), Y(value)); });
        ctx.stroke();
      });
      ctx.setLineDash([]);
      text(ctx, theme, `${what} — A solid, B dashed`, right, top + 12, "right", 12);
    });
    for (const value of ticks(data.last / data.steps_in_one, 5)) text(ctx, theme, short(value), X(value * data.steps_in_one), 141, "center", 11);
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 1.6;
    ctx.beginPath(); ctx.moveTo(X(state.step), 0); ctx.lineTo(X(state.step), 128); ctx.stroke();
  }
}

class MatchingPicture {
  constructor(canvas) { this.canvas = canvas; }

  draw(state, theme, data, name) {
    const { ctx, width, height } = context(this.canvas, 330), end = data.axis_end, dimension = +name[1];
    const box = { left: 44, width: Math.min(width - 60, 560), bottom: height - 34, height: height - 70 };
    const { X, Y } = axes(ctx, theme, box, end, true), top = Y(end) - 16;
    const found = data.matchings[name], colours = [barColour(data, theme, dimension), theme.text];
    const place = (k, number) => {
      const bar = data.sides[k].bars[dimension][number];
      return [X(bar.birth), bar.death === null ? top : Y(bar.death)];
    };
    const foot = ([x, y]) => { const middle = (x - X(0) + (Y(0) - y) * (box.width / box.height)) / 2; return [X(0) + middle, Y(0) - middle * (box.height / box.width)]; };
    this.marks = [];
    found.pairs.forEach(([a, b], number) => {
      const from = a < 0 ? foot(place(1, b)) : place(0, a), to = b < 0 ? foot(place(0, a)) : place(1, b);
      const chosen = state.pick?.kind === "pair" && state.pick.matching === name && state.pick.number === number;
      const attains = number === found.attaining;
      ctx.strokeStyle = chosen || attains ? theme.accent : theme.axis;
      ctx.lineWidth = chosen ? 4 : attains ? 2.5 : 1;
      ctx.beginPath(); ctx.moveTo(...from); ctx.lineTo(...to); ctx.stroke();
      if (a >= 0) { ctx.fillStyle = colours[0]; mark(ctx, ...from, dimension, 3.5); ctx.fill(); }
      if (b >= 0) { ctx.strokeStyle = colours[1]; ctx.lineWidth = 1.4; mark(ctx, ...to, dimension, 4.5); ctx.stroke(); }
      for (const share of [0, 0.25, 0.5, 0.75, 1]) this.marks.push({ number, x: from[0] + share * (to[0] - from[0]), y: from[1] + share * (to[1] - from[1]), length: found.costs[number] ?? Infinity });
    });
    ctx.fillStyle = colours[0]; mark(ctx, X(end) - 96, Y(0) - 34, dimension, 3.5); ctx.fill();
    text(ctx, theme, "A, filled", X(end) - 84, Y(0) - 30);
    ctx.strokeStyle = colours[1]; ctx.lineWidth = 1.4; mark(ctx, X(end) - 96, Y(0) - 14, dimension, 4.5); ctx.stroke();
    text(ctx, theme, "B, hollow", X(end) - 84, Y(0) - 10);
  }
}
