// The 1-skeleton in 3D: drag to turn, arrow keys too, + and - or Ctrl and the wheel to zoom.

import {
  clearedCanvas,
  EDGE_COLOUR,
  fillDot,
  GROUP_COLOURS,
  LOOP_COLOUR,
  nearestMark,
  NEIGHBOUR_COLOUR,
  strokeOutlined,
  TOKEN_COLOUR,
} from "./canvas.js";
import { colourOf, edgesAt, SINGLE } from "./data.js";
import { drawNode, drawRoughly } from "./dots.js";
import { differ, KeptLayer } from "./kept_layer.js";

const EDGES_IN_MOTION = 3000;
const FEW_OF = 16; // of so many edges one may be missing while things move
const HEAT_COLOUR_3D = "#E8A800";
const MANY_NODES = 400; // while so many move, they are drawn roughly
const FILLED = 0.42; // of the box, from its middle
const STEEPEST = 1.57;
const ZOOMS = [0.3, 12];

const clamp = (value, least, most) => Math.max(least, Math.min(most, value));

export class Scene {
  constructor(box) {
    this.canvas = box.querySelector(".scene-canvas");
    [this.edges, this.nodes] = [new KeptLayer(), new KeptLayer()];
    this.reset();
  }

  reset() {
    [this.turn, this.tilt, this.zoom] = [0.6, 0.35, 1];
  }

  turnBy(turn, tilt) {
    this.turn += turn;
    this.tilt = clamp(this.tilt + tilt, -STEEPEST, STEEPEST);
  }

  zoomBy(factor) {
    this.zoom = clamp(this.zoom * factor, ...ZOOMS);
  }

  // As links write it: turn (a full turn is none), tilt, zoom.
  camera() {
    const turn = this.turn - 2 * Math.PI * Math.round(this.turn / (2 * Math.PI));
    return [turn, this.tilt, this.zoom].map((value) => value.toFixed(2)).join(",");
  }

  setCamera(camera) {
    if (camera === this.camera()) return; // rounded, it would jump a little
    [this.turn, this.tilt, this.zoom] = camera.split(",").map(Number);
  }

  load(side) {
    this.side = side;
    const { positions, n } = side;
    this.shown = [...Array(n).keys()].filter((k) => !Number.isNaN(positions[3 * k]));
    // Not the mean, which lies where most tokens crowd: what is far from them would be small.
    const middle = [0, 1, 2].map((axis) => {
      const along = this.shown.map((k) => positions[3 * k + axis]);
      return (Math.min(...along) + Math.max(...along)) / 2;
    });
    const places = positions.map((value, k) => value - middle[k % 3]);
    const radii = this.shown.map((k) => Math.hypot(...places.subarray(3 * k, 3 * k + 3)));
    const radius = Math.max(1e-12, ...radii);
    this.places = places.map((value) => value / radius);
  }

  // The longest direction lies along the longer side of the box, and the scene fills it, whichever
  // way it is turned.
  fit(width, height) {
    const { places, shown } = this;
    this.axes = height > 1.2 * width ? [1, 2, 0] : [0, 1, 2];
    const [a, b, c] = this.axes;
    const [cosTilt, sinTilt] = [Math.cos(this.tilt), Math.abs(Math.sin(this.tilt))];
    let [across, up] = [1e-9, 1e-9];
    for (const k of shown) {
      const around = Math.hypot(places[3 * k + a], places[3 * k + b]);
      across = Math.max(across, around);
      up = Math.max(up, Math.abs(places[3 * k + c]) * cosTilt + around * sinTilt);
    }
    return FILLED * Math.min(width / across, height / up);
  }

  project(width, height) {
    const { places, side: { n } } = this;
    const seen = [places, width, height, this.turn, this.tilt, this.zoom];
    if (this.seen && !differ(this.seen, seen)) return;
    this.seen = seen;
    const [cosTurn, sinTurn] = [Math.cos(this.turn), Math.sin(this.turn)];
    const [cosTilt, sinTilt] = [Math.cos(this.tilt), Math.sin(this.tilt)];
    const size = this.fit(width, height) * this.zoom;
    const [first, second, third] = this.axes;
    [this.x, this.y, this.depth] = [0, 1, 2].map(() => new Float32Array(n));
    for (let k = 0; k < n; k++) {
      const [a, b, c] = [places[3 * k + first], places[3 * k + second], places[3 * k + third]];
      const across = a * cosTurn - b * sinTurn;
      const back = a * sinTurn + b * cosTurn;
      const depth = back * cosTilt + c * sinTilt;
      const near = 3.2 / (3.2 + depth); // a little perspective
      this.x[k] = width / 2 + across * size * near;
      this.y[k] = height / 2 - (c * cosTilt - back * sinTilt) * size * near;
      this.depth[k] = depth;
    }
    this.farFirst = [...this.shown].sort((a, b) => this.depth[b] - this.depth[a]);
  }

  place(point) {
    return [this.x[point], this.y[point]];
  }

  draw(shown, theme) {
    const { ctx, width, height } = clearedCanvas(this.canvas);
    this.project(width, height);
    const { components, palette, marks, heat, colourBy, moving } = shown;
    const count = edgesAt(this.side, shown.step);
    const edges = moving ? withoutLast(count) : count;
    this.edges.draw(ctx, [this.seen, components, palette, !marks, moving, edges], (layer) => {
      this.drawEdges(layer, shown, edges);
    });
    this.nodes.draw(
      ctx,
      [this.seen, components, palette, !marks, heat, colourBy, theme, moving && isMany(this.shown)],
      (layer) => {
        this.drawNodes(layer, shown, theme);
      },
    );
    if (shown.marks) this.drawMarks(ctx, shown);
    for (const point of shown.hovered) this.drawRing(ctx, point, theme.accent);
  }

  drawEdges(ctx, { components, palette, marks, moving }, count) {
    const { paths, drawn } = this.edgePaths(count, components.colour, moving);
    ctx.lineWidth = drawn > 4000 ? 0.6 : 1;
    ctx.globalAlpha = (marks ? 0.35 : 1) * clamp(1500 / Math.max(1, drawn), 0.12, 0.9);
    for (const [number, path] of paths) {
      ctx.strokeStyle = colourOf(palette, number);
      ctx.stroke(path);
    }
    ctx.globalAlpha = 1;
  }

  // One path a colour, of the first so many edges; while things move, of a part of them.
  edgePaths(count, colour, moving) {
    const { side, x, y } = this;
    const stride = moving ? Math.max(1, Math.ceil(count / EDGES_IN_MOTION)) : 1;
    const paths = new Map();
    let drawn = 0;
    for (let k = 0; k < count; k++) {
      const [i, j] = [side.from[k], side.to[k]];
      const holds = k < 4 * side.n && side.held.has(i * side.n + j);
      if (k % stride && !holds) continue;
      if (Number.isNaN(x[i]) || Number.isNaN(x[j])) continue;
      let path = paths.get(colour[i]);
      if (!path) paths.set(colour[i], path = new Path2D());
      path.moveTo(x[i], y[i]);
      path.lineTo(x[j], y[j]);
      drawn++;
    }
    return { paths, drawn };
  }

  drawNodes(ctx, { components, palette, colourBy, heat, marks, moving }, theme) {
    const { colour } = components;
    const radius = clamp(this.canvas.clientWidth / 95, 2.2, 4);
    const border = theme.dark ? "#0008" : "#fff8";
    const drawOne = moving && isMany(this.shown) ? drawRoughly : drawNode;
    for (const k of this.farFirst) {
      const single = colour[k] === SINGLE;
      const look = heat ? { radius, colour: HEAT_COLOUR_3D, opacity: 0.12 + 0.88 * heat[k] } : {
        radius: (single ? 0.6 : 1) * radius,
        colour: colourBy === "photo" ? this.photoColour(k) : colourOf(palette, colour[k]),
        opacity: marks ? 0.4 : single ? 0.55 : 1,
      };
      if (!single && colourBy !== "photo") look.border = border;
      drawOne(ctx, ...this.place(k), look);
    }
    ctx.globalAlpha = 1;
  }

  photoColour(point) {
    return `rgb(${this.side.means.slice(3 * point, 3 * point + 3).join(",")})`;
  }

  drawMarks(ctx, { marks, neighbours, isGhost }) {
    (marks.groups ?? []).forEach((points, k) => {
      for (const point of points) fillDot(ctx, this.place(point), 4, GROUP_COLOURS[k], 1.2);
    });
    const dash = isGhost ? [5, 5] : [];
    for (const loop of marks.loops ?? []) {
      const edges = loop.map((point, k) => [point, loop[(k + 1) % loop.length]]);
      strokeOutlined(ctx, this.pathOf(edges), LOOP_COLOUR, 2.5, dash);
      for (const point of loop) fillDot(ctx, this.place(point), 4.5, LOOP_COLOUR, 1.2);
    }
    for (const edge of marks.edges ?? []) {
      strokeOutlined(ctx, this.pathOf([edge]), EDGE_COLOUR, 2.5, dash);
    }
    if (marks.point === undefined) return;
    for (const point of neighbours) this.drawRing(ctx, point, NEIGHBOUR_COLOUR);
    fillDot(ctx, this.place(marks.point), 6, TOKEN_COLOUR, 1.2);
  }

  pathOf(edges) {
    const path = new Path2D();
    for (const [a, b] of edges) {
      path.moveTo(...this.place(a));
      path.lineTo(...this.place(b));
    }
    return path;
  }

  drawRing(ctx, point, colour) {
    ctx.beginPath();
    ctx.arc(...this.place(point), 6.5, 0, 2 * Math.PI);
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2;
    ctx.stroke();
  }

  // The node at a place; the nearest to the eye of several.
  pointAt(x, y) {
    const marks = this.shown.map((point) => ({
      point,
      x: this.x[point],
      y: this.y[point],
      length: -this.depth[point],
    }));
    return nearestMark(marks, x, y, 12)?.point ?? null;
  }
}

const isMany = (nodes) => nodes.length > MANY_NODES;

// A few of the edges that came last are left out while things move: it is drawn anew less often.
function withoutLast(count) {
  const coarse = 2 ** Math.max(0, Math.floor(Math.log2(count / FEW_OF)));
  return count - (count % coarse);
}
