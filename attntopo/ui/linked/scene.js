// The 1-skeleton in 3D: drag to turn, arrow keys too, + and - or Ctrl and the wheel to zoom.

const EDGES_IN_MOTION = 6000;

class Scene {
  constructor(box) {
    this.canvas = box.querySelector(".scene-canvas");
    this.reset();
  }

  reset() { Object.assign(this, { turn: 0.6, tilt: 0.35, zoom: 1 }); }

  // As links write it: turn (a full turn is none), tilt, zoom.
  camera() {
    const turn = this.turn - 2 * Math.PI * Math.round(this.turn / (2 * Math.PI));
    return [turn, this.tilt, this.zoom].map((value) => value.toFixed(2)).join(",");
  }

  point(camera) {
    if (camera === this.camera()) return;  // rounded, it would jump a little
    [this.turn, this.tilt, this.zoom] = camera.split(",").map(Number);
  }

  load(side) {
    this.side = side;
    const { positions, n } = side, shown = [];
    for (let k = 0; k < n; k++) if (!Number.isNaN(positions[3 * k])) shown.push(k);
    this.shown = shown;
    // Not the mean, which lies where most tokens crowd: what is far from them would be small.
    const middle = [0, 1, 2].map((axis) => {
      const along = shown.map((k) => positions[3 * k + axis]);
      return (Math.min(...along) + Math.max(...along)) / 2;
    });
    let radius = 1e-12;
    this.places = positions.map((value, k) => value - middle[k % 3]);
    for (const k of shown) radius = Math.max(radius, Math.hypot(...this.places.subarray(3 * k, 3 * k + 3)));
    this.radius = radius;
  }

  project(width, height) {
    const { places, side } = this, n = side.n;
    const [ct, st, cp, sp] = [Math.cos(this.turn), Math.sin(this.turn), Math.cos(this.tilt), Math.sin(this.tilt)];
    const size = 0.45 * Math.min(width, height) * this.zoom;
    this.x = new Float32Array(n); this.y = new Float32Array(n); this.z = new Float32Array(n);
    for (let k = 0; k < n; k++) {
      const [a, b, c] = [places[3 * k] / this.radius, places[3 * k + 1] / this.radius, places[3 * k + 2] / this.radius];
      const u = a * ct - b * st, v = a * st + b * ct, w = c * cp - v * sp, depth = v * cp + c * sp;
      const near = 3.2 / (3.2 + depth);  // a little perspective
      this.x[k] = width / 2 + u * size * near;
      this.y[k] = height / 2 - w * size * near;
      this.z[k] = depth;
    }
  }

  draw(state, theme) {
    const { ctx, width, height } = context(this.canvas);
    this.project(width, height);
    const faint = Boolean(state.marked);
    this.drawnEdges = this.drawEdges(ctx, state, faint, state.moving ? EDGES_IN_MOTION : Infinity);
    this.drawNodes(ctx, state, theme, faint);
    if (state.marked) this.drawMarks(ctx, state.marked, state, theme);
    for (const point of state.hovered) this.ring(ctx, point, theme.accent);
  }

  drawEdges(ctx, { step, components, palette }, faint, most) {
    const { side, x, y } = this, count = side.edges[step], { colour } = components;
    const stride = Math.max(1, Math.ceil(count / most)), paths = new Map();
    let drawn = 0;
    for (let k = 0; k < count; k++) {
      const i = side.from[k], j = side.to[k];
      if (stride > 1 && k % stride && !(k < 4 * side.n && side.held.has(i * side.n + j))) continue;
      if (Number.isNaN(x[i]) || Number.isNaN(x[j])) continue;
      let path = paths.get(colour[i]);
      if (!path) paths.set(colour[i], (path = new Path2D()));
      path.moveTo(x[i], y[i]);
      path.lineTo(x[j], y[j]);
      drawn++;
    }
    ctx.lineWidth = drawn > 4000 ? 0.6 : 1;
    ctx.globalAlpha = (faint ? 0.35 : 1) * Math.max(0.12, Math.min(0.9, 1500 / Math.max(1, drawn)));
    for (const [number, path] of paths) { ctx.strokeStyle = colourOf(palette, number); ctx.stroke(path); }
    ctx.globalAlpha = 1;
    return drawn;
  }

  drawNodes(ctx, { components, palette, colourBy, heat }, theme, faint) {
    const { side, x, y, z } = this, { colour } = components;
    const size = Math.max(2.2, Math.min(4, this.canvas.clientWidth / 95));
    const order = [...this.shown].sort((a, b) => z[b] - z[a]);
    for (const k of order) {
      const single = colour[k] === SINGLE;
      ctx.globalAlpha = faint && !heat ? 0.4 : single ? 0.55 : 1;
      ctx.fillStyle = colourBy === "photo" ? `rgb(${side.means[3 * k]},${side.means[3 * k + 1]},${side.means[3 * k + 2]})` : colourOf(palette, colour[k]);
      if (heat) { ctx.fillStyle = "#E8A800"; ctx.globalAlpha = 0.12 + 0.88 * heat[k]; }
      ctx.beginPath();
      ctx.arc(x[k], y[k], (single && !heat ? 0.6 : 1) * size, 0, 7);
      ctx.fill();
      if (!single && colourBy !== "photo") { ctx.strokeStyle = theme.dark ? "#0008" : "#fff8"; ctx.lineWidth = 0.6; ctx.stroke(); }
    }
    ctx.globalAlpha = 1;
  }

  drawMarks(ctx, marked, state, theme) {
    const at = (path, a, b) => { path.moveTo(this.x[a], this.y[a]); path.lineTo(this.x[b], this.y[b]); };
    (marked.groups ?? []).forEach((points, k) => points.forEach((point) => this.dot(ctx, point, PICK_COLOURS[k], 4)));
    for (const loop of marked.loops ?? []) {
      strong(ctx, (path) => loop.forEach((point, k) => at(path, point, loop[(k + 1) % loop.length])), LOOP_COLOUR, 2.5);
      loop.forEach((point) => this.dot(ctx, point, LOOP_COLOUR, 4.5));
    }
    for (const [a, b] of marked.edges ?? []) strong(ctx, (path) => at(path, a, b), EDGE_COLOUR, 2.5);
    if (marked.point !== undefined) { state.neighbours.forEach((point) => this.ring(ctx, point, "#56B4E9")); this.dot(ctx, marked.point, "#ff2d8a", 6); }
  }

  dot(ctx, point, colour, radius) {
    ctx.beginPath();
    ctx.arc(this.x[point], this.y[point], radius, 0, 7);
    ctx.fillStyle = colour;
    ctx.fill();
    ctx.strokeStyle = "#fff";
    ctx.lineWidth = 1.2;
    ctx.stroke();
  }

  ring(ctx, point, colour) {
    ctx.beginPath();
    ctx.arc(this.x[point], this.y[point], 6.5, 0, 7);
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2;
    ctx.stroke();
  }

  pointAt(x, y) {
    const found = nearest(this.shown.map((k) => ({ point: k, x: this.x[k], y: this.y[k], length: -this.z[k] })), x, y, 12);
    return found ? found.point : null;
  }
}
