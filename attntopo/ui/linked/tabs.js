// The pictures below: barcode, dendrogram, distance matrix, table of bars.

const sorted = (bars) => [...bars.keys()].sort((a, b) => bars[a].birth - bars[b].birth || (bars[a].death ?? 9) - (bars[b].death ?? 9));

class Barcode {
  constructor(canvas) { this.canvas = canvas; }

  draw(state, theme, data, k) {
    const side = data.sides[k], end = data.axis_end;
    const heights = [Math.max(0.9, Math.min(4, 190 / side.bars[0].length)), Math.max(1.2, Math.min(6, 190 / Math.max(1, side.bars[1].length)))];
    const total = 44 + side.bars[0].length * heights[0] + 24 + side.bars[1].length * heights[1] + 20;
    const { ctx, width, height } = context(this.canvas, Math.round(total)), X = (value) => 8 + ((width - 22) * value) / end;
    this.rows = [];
    let y = 18;
    for (const dimension of [0, 1]) {
      text(ctx, theme, `H${dimension}: ${dimension ? "loops" : "components"} (${side.bars[dimension].length} bars)`, 8, y - 4);
      ctx.fillStyle = barColour(data, theme, dimension);
      const chosen = pickedBar(state.pick, k);
      for (const number of sorted(side.bars[dimension])) {
        const bar = side.bars[dimension][number], isChosen = chosen && chosen[0] === dimension && chosen[1] === number;
        ctx.globalAlpha = isChosen ? 1 : alive(bar, state.step) ? 0.9 : 0.4;
        ctx.fillStyle = isChosen ? theme.accent : barColour(data, theme, dimension);
        const from = X(bar.birth), to = bar.death === null ? width - 8 : X(bar.death), tall = heights[dimension];
        ctx.fillRect(from, isChosen ? y - 1 : y, Math.max(1.5, to - from), isChosen ? tall + 2 : Math.max(0.8, tall - 0.6));
        this.rows.push({ dimension, number, top: y, bottom: y + tall });
        y += tall;
      }
      ctx.globalAlpha = 1;
      y += 26;
    }
    for (const value of ticks(end, 4)) text(ctx, theme, short(value), X(value), height - 4, "center", 11);
    const x = X(Math.min(end, state.step / data.steps_in_one));
    ctx.strokeStyle = theme.accent; ctx.lineWidth = 1.4;
    ctx.beginPath(); ctx.moveTo(x, 4); ctx.lineTo(x, height - 16); ctx.stroke();
  }

  barAt(_x, y) { return this.rows.find((row) => y >= row.top - 1 && y <= row.bottom + 1) ?? null; }
}

class Dendrogram {
  constructor(canvas) { this.canvas = canvas; }

  draw(state, theme, data, k) {
    const side = data.sides[k], { ctx, width, height } = context(this.canvas, 300), { tree } = side;
    const end = Math.max(1e-9, tree.lengths.at(-1) ?? 0) * 1.05, order = leafOrder(side);
    const Y = (value) => height - 18 - ((height - 30) * value) / end;
    const x = new Float64Array(side.n), y = new Float64Array(side.n).fill(Y(0));
    order.forEach((point, place) => { x[point] = 36 + ((width - 44) * (place + 0.5)) / side.n; });
    const merges = side.n - side.components[state.step], chosen = pickedBar(state.pick, k);
    const merge = chosen?.[0] === 0 ? side.bars[0][chosen[1]].merge : null;
    this.marks = [];
    tree.survivors.forEach((stays, m) => {
      const goes = tree.absorbed[m], top = Y(tree.lengths[m]), number = state.components.colour[stays];
      ctx.strokeStyle = m === merge ? theme.accent : m < merges ? colourOf(data.palette, number) : theme.axis;
      ctx.lineWidth = m === merge ? 3 : 1.1;
      ctx.beginPath(); ctx.moveTo(x[stays], y[stays]); ctx.lineTo(x[stays], top); ctx.lineTo(x[goes], top); ctx.lineTo(x[goes], y[goes]); ctx.stroke();
      this.marks.push({ merge: m, from: Math.min(x[stays], x[goes]), to: Math.max(x[stays], x[goes]), y: top });
      x[stays] = (x[stays] + x[goes]) / 2;
      y[stays] = top;
    });
    for (const value of ticks(end, 4)) text(ctx, theme, short(value), 32, Y(value) + 4, "right", 11);
    const level = Y(Math.min(end, state.step / data.steps_in_one));
    ctx.strokeStyle = theme.accent; ctx.lineWidth = 1.4; ctx.setLineDash([5, 4]);
    ctx.beginPath(); ctx.moveTo(34, level); ctx.lineTo(width, level); ctx.stroke();
    ctx.setLineDash([]);
    this.skipped = side.tree.lengths.length - (side.bars[0].length - 1);
  }

  barAt(x, y) {
    let best = null, least = 10;
    for (const one of this.marks) {
      const distance = Math.abs(one.y - y) + Math.max(0, one.from - x, x - one.to);
      if (distance < least && one.merge >= this.skipped) { best = one; least = distance; }
    }
    return best && { dimension: 0, number: best.merge - this.skipped };
  }
}

class Matrix {
  constructor(canvas) { this.canvas = canvas; }

  draw(_state, theme, data, k) {
    const side = data.sides[k], size = this.canvas.clientWidth, { ctx } = context(this.canvas, size);
    this.order = leafOrder(side);
    if (this.made !== side) {
      this.made = side;
      this.picture = document.createElement("canvas");
      this.picture.width = this.picture.height = side.n;
      const inner = this.picture.getContext("2d"), pixels = inner.createImageData(side.n, side.n), n = side.n;
      // Steps, not ranks: each pair in the scale's own units.
      const steps = new Uint16Array(side.rank.length);
      for (let k = 0, step = 0; k < steps.length; k++) { while (step < data.last && side.edges[step] <= k) step++; steps[k] = step; }
      const largest = Math.max(1, steps[steps.length - 1]);
      for (let r = 0; r < n; r++) for (let c = 0; c < n; c++) {
        const i = this.order[r], j = this.order[c], near = i === j ? 1 : 1 - steps[side.rank[pairNumber(n, i, j)]] / largest;
        // From near (dark violet) to far (pale yellow): even in lightness, legible without colour.
        const t = 1 - near, at = 4 * (r * n + c);
        pixels.data.set([60 + 193 * t, 10 + 228 * t ** 1.1, 95 + 90 * t, 255], at);
      }
      inner.putImageData(pixels, 0, 0);
    }
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(this.picture, 0, 0, size, size);
    if (this.pointer) {
      const cell = size / side.n;
      ctx.strokeStyle = theme.accent; ctx.lineWidth = 1.5;
      ctx.beginPath();
      for (const [r, c] of [this.pointer]) { ctx.moveTo(0, (r + 0.5) * cell); ctx.lineTo(size, (r + 0.5) * cell); ctx.moveTo((c + 0.5) * cell, 0); ctx.lineTo((c + 0.5) * cell, size); }
      ctx.stroke();
    }
  }

  pairAt(x, y) {
    const n = this.order.length, cell = this.canvas.clientWidth / n, r = Math.floor(y / cell), c = Math.floor(x / cell);
    this.pointer = r >= 0 && c >= 0 && r < n && c < n ? [r, c] : null;
    return this.pointer && [this.order[r], this.order[c]];
  }
}

// Rows of the table of bars; tokens of a bar are those of its loop, or of the component absorbed.
function barRows(data) {
  const rows = [];
  data.sides.forEach((side, k) => {
    const sizes = new Uint32Array(side.n).fill(1), absorbed = [];
    side.tree.survivors.forEach((stays, m) => { absorbed[m] = sizes[side.tree.absorbed[m]]; sizes[stays] += absorbed[m]; });
    for (const dimension of [1, 0]) side.bars[dimension].forEach((bar, number) => rows.push({
      photo: side.letter, side: k, dimension, number, birth: bar.birth, death: bar.death ?? Infinity,
      length: (bar.death ?? Infinity) - bar.birth,
      tokens: dimension ? new Set(bar.loops.flat()).size || null : bar.merge === null ? side.n : absorbed[bar.merge],
    }));
  });
  return rows;
}
