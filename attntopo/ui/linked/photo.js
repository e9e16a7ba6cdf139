// The photo with its components painted on it, and what is selected.

import { clearedCanvas, GROUP_COLOURS } from "./canvas.js";
import { cellOf, colourOf, SINGLE } from "./data.js";
import { greyed, paintComponents, paintGroups, paintHeat } from "./photo_paint.js";
import { outlinePatch, paintMarks } from "./photo_marks.js";

const TALLEST = 900; // pixels, of a photo on the page
const WIDE = 4; // from this ratio on a photo has the whole width

export class PhotoPicture {
  constructor(box) {
    this.canvas = box.querySelector(".photo-canvas");
    this.prefix = box.querySelector(".prefix");
  }

  load(side, whenReady) {
    this.side = side;
    this.fillPrefix(side);
    // Of a row of tokens the patches are drawn taller than wide, else none of it could be seen.
    const ratio = side.grid[1] / (side.grid[0] * side.stretch);
    this.canvas.style.aspectRatio = ratio;
    this.canvas.style.maxWidth = `${Math.round(TALLEST * ratio)}px`;
    this.canvas.closest(".pictures").classList.toggle("wide", ratio > WIDE);
    if (this.source === side.photo) return;
    this.source = side.photo;
    const image = new Image();
    image.onload = () => {
      if (this.source !== side.photo) return;
      [this.image, this.grey] = [image, greyed(image)];
      whenReady();
    };
    image.src = side.photo;
  }

  // Tokens that have no patch are squares below the photo.
  fillPrefix(side) {
    const label = document.createElement("span");
    label.textContent = side.prefix.length ? "Not on the photo:" : "";
    const buttons = side.prefix.map((name, point) => {
      const button = document.createElement("button");
      button.append(document.createElement("i"), name);
      button.dataset.point = point;
      return button;
    });
    this.prefix.replaceChildren(label, ...buttons);
  }

  // Middle of a point's patch; a prefix token has none.
  middle(point) {
    const cell = cellOf(this.side, point);
    return cell && [(cell[1] + 0.5) * this.patchWidth, (cell[0] + 0.5) * this.patchHeight];
  }

  get leastPatchSide() {
    return Math.min(this.patchWidth, this.patchHeight);
  }

  // Whole pixels: neighbours share their border, without a seam.
  patchBox([row, column]) {
    const [x, right] = [column, column + 1].map((value) => Math.round(value * this.patchWidth));
    const [y, bottom] = [row, row + 1].map((value) => Math.round(value * this.patchHeight));
    return [x, y, right - x, bottom - y];
  }

  pointAt(x, y) {
    const { grid, prefix, n } = this.side;
    const column = Math.floor(x / this.patchWidth);
    const row = Math.floor(y / this.patchHeight);
    if (row < 0 || column < 0 || row >= grid[0] || column >= grid[1]) return null;
    const point = prefix.length + row * grid[1] + column;
    return point < n ? point : null;
  }

  draw(shown, theme) {
    const { ctx, width, height } = clearedCanvas(this.canvas);
    [this.width, this.height] = [width, height];
    this.patchWidth = width / this.side.grid[1];
    this.patchHeight = height / this.side.grid[0];
    if (!this.image) return;
    ctx.drawImage(this.image, 0, 0, width, height);
    const { marks, heat } = shown;
    if (heat) paintHeat(ctx, this, heat);
    else if (marks?.groups) paintGroups(ctx, this, marks.groups);
    else paintComponents(ctx, this, shown);
    this.paintPrefix(shown);
    if (marks) paintMarks(ctx, this, marks, shown.neighbours);
    for (const point of shown.hovered) outlinePatch(ctx, this, point, theme.accent, 2);
    if (shown.cursor !== null) outlinePatch(ctx, this, shown.cursor, theme.accent, 3);
  }

  paintPrefix({ components, palette, hovered, heat, marks }) {
    for (const button of this.prefix.querySelectorAll("button")) {
      const point = +button.dataset.point;
      const group = marks?.groups?.findIndex((points) => points.includes(point)) ?? -1;
      const number = components.colour[point];
      const own = number === SINGLE ? "transparent" : colourOf(palette, number);
      const plain = group >= 0 ? GROUP_COLOURS[group] : own;
      const warm = heat && `rgba(255,190,30,${heat[point].toFixed(2)})`;
      button.firstChild.style.background = warm ?? plain;
      const chosen = marks?.point === point || hovered.includes(point) ||
        marks?.loops?.some((loop) => loop.includes(point));
      button.setAttribute("aria-pressed", String(Boolean(chosen)));
    }
  }
}
