// The photo with its components painted on it, and what is selected.

const TALLEST = 900;  // pixels, of a photo on the page
const WIDE = 4;  // from this ratio on a photo has the whole width

class PhotoPicture {
  constructor(side, box) {
    this.side = side;
    this.canvas = box.querySelector(".photo-canvas");
    this.prefix = box.querySelector(".prefix");
    this.image = null;
    this.grey = null;
  }

  load(side, whenReady) {
    this.side = side;
    const label = document.createElement("span");
    label.textContent = side.prefix.length ? "Not on the photo:" : "";
    this.prefix.replaceChildren(label, ...side.prefix.map((name, point) => {
      const button = document.createElement("button");
      button.append(document.createElement("i"), name);
      button.dataset.point = point;
      return button;
    }));
    // Of a row of tokens the patches are drawn taller than wide, else none of it could be seen.
    const ratio = side.grid[1] / (side.grid[0] * side.stretch);
    this.canvas.style.aspectRatio = ratio;
    this.canvas.style.maxWidth = `${Math.round(TALLEST * ratio)}px`;
    this.canvas.closest(".pictures").classList.toggle("wide", ratio > WIDE);
    if (this.source === side.photo) return;
    this.source = side.photo;
    const image = new Image();
    image.onload = () => {
      const grey = document.createElement("canvas");
      [grey.width, grey.height] = [image.width, image.height];
      const ctx = grey.getContext("2d", { willReadFrequently: true });
      ctx.drawImage(image, 0, 0);
      const pixels = ctx.getImageData(0, 0, image.width, image.height);
      for (let k = 0, d = pixels.data; k < d.length; k += 4) d[k] = d[k + 1] = d[k + 2] = 0.299 * d[k] + 0.587 * d[k + 1] + 0.114 * d[k + 2];
      ctx.putImageData(pixels, 0, 0);
      [this.image, this.grey] = [image, grey];
      whenReady();
    };
    image.src = side.photo;
  }

  // Middle of a point's patch; a prefix token has none.
  middle(point) {
    const cell = cellOf(this.side, point);
    return cell && [(cell[1] + 0.5) * this.wide, (cell[0] + 0.5) * this.tall];
  }

  least() { return Math.min(this.wide, this.tall); }

  pointAt(x, y) {
    const { grid, prefix, n } = this.side;
    const column = Math.floor(x / this.wide), row = Math.floor(y / this.tall);
    if (row < 0 || column < 0 || row >= grid[0] || column >= grid[1]) return null;
    const point = prefix.length + row * grid[1] + column;
    return point < n ? point : null;
  }

  draw(state, theme) {
    const { ctx, width, height } = context(this.canvas);
    [this.wide, this.tall] = [width / this.side.grid[1], height / this.side.grid[0]];
    if (!this.image) return;
    ctx.drawImage(this.image, 0, 0, width, height);
    const { marked, heat } = state;
    if (heat) this.paintHeat(ctx, heat);
    else if (marked?.groups) this.paintGroups(ctx, marked.groups);
    else this.paintComponents(ctx, state);
    this.squares(state, heat, marked);
    if (marked) this.paintMarks(ctx, marked, state);
    for (const point of state.hovered) this.outline(ctx, point, theme.accent, 2);
    if (state.cursor !== null) this.outline(ctx, state.cursor, theme.accent, 3);
  }

  // Whole pixels: neighbours share their border, without a seam.
  box(row, column) {
    const [x, right] = [column, column + 1].map((value) => Math.round(value * this.wide));
    const [y, bottom] = [row, row + 1].map((value) => Math.round(value * this.tall));
    return [x, y, right - x, bottom - y];
  }

  paintPatch(ctx, point, colour, opacity) {
    const cell = cellOf(this.side, point);
    if (!cell) return;
    const [row, column] = cell, box = this.box(row, column);
    const wide = this.grey.width / this.side.grid[1], tall = this.grey.height / this.side.grid[0];
    ctx.globalAlpha = Math.min(1, opacity * 1.6);
    ctx.drawImage(this.grey, column * wide, row * tall, wide, tall, ...box);
    ctx.globalAlpha = opacity;
    ctx.fillStyle = colour;
    ctx.fillRect(...box);
    ctx.globalAlpha = 1;
  }

  paintComponents(ctx, { components, opacity: wanted, palette, marked }) {
    const { leader, colour } = components, opacity = marked ? 0.45 * wanted : wanted;  // the loop stands out
    for (let point = this.side.prefix.length; point < this.side.n; point++)
      if (colour[point] !== SINGLE) this.paintPatch(ctx, point, colourOf(palette, colour[point]), opacity);
    this.boundaries(ctx, (a, b) => leader[a] !== leader[b] && (colour[a] !== SINGLE || colour[b] !== SINGLE));
    this.surplus(ctx, components);
  }

  boundaries(ctx, between) {
    const { grid, prefix } = this.side, { wide, tall } = this, at = (r, c) => prefix.length + r * grid[1] + c;
    const path = new Path2D();
    for (let r = 0; r < grid[0]; r++) for (let c = 0; c < grid[1]; c++) {
      if (c + 1 < grid[1] && between(at(r, c), at(r, c + 1))) { path.moveTo((c + 1) * wide, r * tall); path.lineTo((c + 1) * wide, (r + 1) * tall); }
      if (r + 1 < grid[0] && between(at(r, c), at(r + 1, c))) { path.moveTo(c * wide, (r + 1) * tall); path.lineTo((c + 1) * wide, (r + 1) * tall); }
    }
    for (const [style, thick] of [["rgba(255,255,255,0.75)", 2.4], ["rgba(20,20,20,0.9)", 1]]) { ctx.strokeStyle = style; ctx.lineWidth = thick; ctx.stroke(path); }
  }

  // Grey components, for which no colour was left, are told apart by numbers.
  surplus(ctx, { leader, sizes, colour }) {
    const grey = [...new Set(leader)].filter((one) => colour[one] === GREY).sort((a, b) => sizes[b] - sizes[a] || a - b);
    ctx.font = `bold ${Math.max(9, this.least() * 0.7)}px sans-serif`;
    [ctx.textAlign, ctx.textBaseline] = ["center", "middle"];
    const thin = this.least() < 6, written = [];  // no room for a number on each patch
    grey.forEach((one, k) => leader.forEach((other, point) => {
      const middle = other === one && this.middle(point);
      if (!middle || (thin && written.some(([x, y]) => Math.abs(x - middle[0]) < 14 && Math.abs(y - middle[1]) < 11))) return;
      written.push(middle);
      ctx.fillStyle = "#fff";
      ctx.fillText(String(k + 1), ...middle);
    }));
    ctx.textBaseline = "alphabetic";
  }

  paintGroups(ctx, groups) {
    const group = new Map(groups.flatMap((points, k) => points.map((point) => [point, k])));
    for (const [point, k] of group) this.paintPatch(ctx, point, PICK_COLOURS[k], 0.55);
    this.boundaries(ctx, (a, b) => group.get(a) !== group.get(b));
  }

  paintHeat(ctx, heat) {
    ctx.drawImage(this.grey, 0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    ctx.fillStyle = "#000";
    ctx.globalAlpha = 0.35;
    ctx.fillRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    for (let point = this.side.prefix.length; point < this.side.n; point++) {
      const [row, column] = cellOf(this.side, point);
      ctx.globalAlpha = 0.85 * heat[point];
      ctx.fillStyle = "#FFD23F";
      ctx.fillRect(...this.box(row, column));
    }
    ctx.globalAlpha = 1;
  }

  paintMarks(ctx, marked, state) {
    if (marked.point !== undefined) {
      state.neighbours.forEach((point) => this.outline(ctx, point, "#56B4E9", 2));
      this.outline(ctx, marked.point, "#ff2d8a", 3);
    }
    if (marked.triangle) this.fillTriangle(ctx, marked.triangle);
    for (const loop of marked.loops ?? []) this.drawLoop(ctx, loop);
    for (const [a, b] of marked.edges ?? []) this.line(ctx, a, b, EDGE_COLOUR, 3, []);
  }

  fillTriangle(ctx, points) {
    const middles = points.map((point) => this.middle(point));
    if (middles.includes(null)) return;
    ctx.beginPath();
    middles.forEach(([x, y]) => ctx.lineTo(x, y));
    ctx.closePath();
    ctx.fillStyle = "rgba(255,255,255,0.45)";
    ctx.fill();
  }

  drawLoop(ctx, loop) {
    for (let k = 0; k < loop.length; k++) this.line(ctx, loop[k], loop[(k + 1) % loop.length], LOOP_COLOUR, 3, []);
    for (const point of loop) {
      const middle = this.middle(point);
      if (!middle) continue;
      ctx.beginPath();
      ctx.arc(...middle, Math.max(2.5, this.least() / 5), 0, 7);
      ctx.fillStyle = LOOP_COLOUR;
      ctx.fill();
      ctx.strokeStyle = "#fff";
      ctx.lineWidth = 1.5;
      ctx.stroke();
    }
  }

  // A prefix token has no place on the photo: its edges end, dashed, at the lower border.
  line(ctx, a, b, colour, width, dash) {
    const [from, to] = [this.middle(a), this.middle(b)];
    if (!from && !to) return;
    const foot = (other, point) => [Math.min(this.canvas.clientWidth - 6, 12 + 90 * point), this.canvas.clientHeight - 2];
    const start = from ?? foot(to, a), end = to ?? foot(from, b);
    strong(ctx, (path) => { path.moveTo(...start); path.lineTo(...end); }, colour, width, from && to ? dash : [5, 5]);
  }

  outline(ctx, point, colour, width) {
    const cell = cellOf(this.side, point);
    if (!cell) return;
    const [x, y] = [cell[1] * this.wide, cell[0] * this.tall];
    strong(ctx, (path) => path.rect(x + 1, y + 1, Math.max(1, this.wide - 2), Math.max(1, this.tall - 2)), colour, width);
  }

  squares({ components, palette, hovered }, heat, marked) {
    for (const button of this.prefix.querySelectorAll("button")) {
      const point = +button.dataset.point, group = marked?.groups?.findIndex((points) => points.includes(point)) ?? -1;
      const own = colourOf(palette, components.colour[point]);
      const plain = components.colour[point] === SINGLE ? "transparent" : own;
      button.firstChild.style.background = heat ? `rgba(255,190,30,${heat[point].toFixed(2)})` : group >= 0 ? PICK_COLOURS[group] : plain;
      const chosen = marked?.point === point || hovered.includes(point) || marked?.loops?.some((loop) => loop.includes(point));
      button.setAttribute("aria-pressed", String(Boolean(chosen)));
    }
  }
}
