// The photo with its components painted on it, and what is selected.

import { clearedCanvas, GROUP_COLOURS } from "./canvas.js";
import { cellOf, colourOf, SINGLE } from "./data.js";
import { differ } from "./kept_layer.js";
import { boxOnCanvas, frameOf, WHOLE } from "./photo_frame.js";
import {
  greyed,
  paintComponents,
  paintGroups,
  paintHeat,
  paintShifts,
  shiftColour,
} from "./photo_paint.js";
import { outlinePatch, paintMarks } from "./photo_marks.js";
import { onPhoto, photoUrl } from "./photo_store.js";

// What of all that is shown the picture follows.
const PAINTED = [
  "frame",
  "components",
  "palette",
  "opacity",
  "marks",
  "isGhost",
  "neighbours",
  "shifts",
  "heat",
  "hovered",
  "cursor",
];
const WIDE = 4; // from this ratio on a photo has the whole width
const UNSEEN = 0.72; // how much of the page's ground lies over what the model didn't see

export class PhotoPicture {
  constructor(box, signal) {
    this.box = box.querySelector(".photo-box");
    this.canvas = box.querySelector(".photo-canvas");
    this.prefix = box.querySelector(".prefix");
    onPhoto(() => this.fetch(), signal);
  }

  load(side, whenReady) {
    Object.assign(this, { side, whenReady });
    this.fillPrefix(side);
    if (this.key === side.photo.key) return;
    [this.key, this.image, this.url] = [side.photo.key, null, null];
    this.fetch();
  }

  // The photo itself may come before or after what is painted on it.
  fetch() {
    const url = this.key && photoUrl(this.key);
    if (!url || url === this.url) return;
    this.url = url;
    const image = new Image();
    image.onload = () => {
      if (this.url !== url) return;
      [this.image, this.grey] = [image, greyed(image)];
      this.whenReady();
    };
    image.src = url;
  }

  // Tokens that have no patch are squares in the photo's corner.
  fillPrefix(side) {
    const buttons = side.prefix.map((name, point) => {
      const button = document.createElement("button");
      button.append(document.createElement("i"), name);
      button.dataset.point = point;
      return button;
    });
    this.prefix.replaceChildren(...buttons);
  }

  // The canvas in the ratio of what it shows, within its square box.
  fit(kind) {
    const { shown, ratio } = frameOf(this.side, kind);
    this.shown = shown;
    if (this.ratio === ratio) return;
    this.ratio = ratio;
    this.box.style.setProperty("--ratio", ratio);
    this.canvas.closest(".pictures").classList.toggle("wide", ratio > WIDE);
  }

  // Middle of a point's patch; a prefix token has none.
  middle(point) {
    const cell = cellOf(this.side, point);
    if (!cell) return null;
    const [left, top] = this.corner;
    return [left + (cell[1] + 0.5) * this.patchWidth, top + (cell[0] + 0.5) * this.patchHeight];
  }

  get leastPatchSide() {
    return Math.min(this.patchWidth, this.patchHeight);
  }

  // Whole pixels: neighbours share their border, without a seam.
  patchBox([row, column]) {
    const [left, top] = this.corner;
    const across = (value) => Math.round(left + value * this.patchWidth);
    const down = (value) => Math.round(top + value * this.patchHeight);
    return [
      across(column),
      down(row),
      across(column + 1) - across(column),
      down(row + 1) - down(row),
    ];
  }

  // Photo and grey copy as they lie on the canvas, made once a size: to scale them for each patch
  // of each frame took longer than all else.
  rescale() {
    const { width, height } = this.canvas;
    const scaled = [width, height, ...this.ground].join();
    if (this.scaled === scaled && this.scaledFrom === this.image) return;
    [this.scaled, this.scaledFrom] = [scaled, this.image];
    this.density = width / this.width;
    [this.plain, this.dull] = [this.image, this.grey].map((picture) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [width, height];
      const ctx = canvas.getContext("2d", { willReadFrequently: true });
      ctx.imageSmoothingQuality = "high";
      ctx.drawImage(picture, ...this.ground.map((place) => place * this.density));
      return canvas;
    });
  }

  // The grey copy below a patch, at the opacity that is set.
  drawGrey(ctx, box) {
    ctx.drawImage(this.dull, ...box.map((place) => place * this.density), ...box);
  }

  pointAt(x, y) {
    const { grid, prefix, n } = this.side;
    const column = Math.floor((x - this.corner[0]) / this.patchWidth);
    const row = Math.floor((y - this.corner[1]) / this.patchHeight);
    if (row < 0 || column < 0 || row >= grid[0] || column >= grid[1]) return null;
    const point = prefix.length + row * grid[1] + column;
    return point < n ? point : null;
  }

  draw(shown, theme) {
    this.fit(shown.frame);
    if (!this.hasChanged(shown, theme)) return;
    const { ctx, width, height } = clearedCanvas(this.canvas);
    [this.width, this.height] = [width, height];
    this.ground = boxOnCanvas(this.shown, WHOLE, width, height);
    const [left, top, wide, tall] = boxOnCanvas(this.shown, this.side.photo.box, width, height);
    this.corner = [left, top];
    this.patchWidth = wide / this.side.grid[1];
    this.patchHeight = tall / this.side.grid[0];
    if (!this.image) return;
    this.rescale();
    ctx.drawImage(this.plain, 0, 0, width, height);
    this.dimUnseen(ctx, theme, [left, top, wide, tall]);
    const { marks, heat, shifts } = shown;
    if (heat) paintHeat(ctx, this, heat);
    else if (marks?.groups) paintGroups(ctx, this, marks.groups);
    else if (shifts) paintShifts(ctx, this, shown);
    else paintComponents(ctx, this, shown);
    this.paintPrefix(shown);
    if (marks) paintMarks(ctx, this, shown);
    for (const point of shown.hovered) outlinePatch(ctx, this, point, theme.accent, 2);
    if (shown.cursor !== null) outlinePatch(ctx, this, shown.cursor, theme.accent, 3);
  }

  // Whether anything that the picture follows has, since it was drawn: the scale often hasn't.
  hasChanged(shown, theme) {
    const { clientWidth, clientHeight } = this.canvas;
    const place = [clientWidth, clientHeight, globalThis.devicePixelRatio];
    const follows = [this.side, this.image, theme, ...place, ...PAINTED.map((name) => shown[name])];
    const changed = !this.follows || differ(this.follows, follows);
    this.follows = follows;
    return changed;
  }

  // What no patch covers: the model didn't see it.
  dimUnseen(ctx, theme, [left, top, wide, tall]) {
    const outside = new Path2D();
    outside.rect(0, 0, this.width, this.height);
    outside.rect(left, top, wide, tall);
    ctx.save();
    ctx.globalAlpha = UNSEEN;
    ctx.fillStyle = theme.ground;
    ctx.fill(outside, "evenodd");
    ctx.restore();
  }

  paintPrefix({ components, palette, hovered, heat, marks, shifts }) {
    for (const button of this.prefix.querySelectorAll("button")) {
      const point = +button.dataset.point;
      const group = marks?.groups?.findIndex((points) => points.includes(point)) ?? -1;
      const number = components.colour[point];
      const own = number === SINGLE ? "transparent" : colourOf(palette, number);
      const painted = shifts ? shiftColour(palette, shifts.shares[point]) : own;
      const plain = group >= 0 ? GROUP_COLOURS[group] : painted;
      const warm = heat && `rgba(255,190,30,${heat[point].toFixed(2)})`;
      button.firstChild.style.background = warm ?? plain;
      const chosen = marks?.point === point || hovered.includes(point) ||
        marks?.loops?.some((loop) => loop.includes(point));
      button.setAttribute("aria-pressed", String(Boolean(chosen)));
    }
  }
}
