// What is painted over a photo's patches: components, the groups of a selection, or heat.

import { GROUP_COLOURS } from "./canvas.js";
import { cellOf, colourOf, SINGLE } from "./data.js";

const HEAT_COLOUR = "#FFD23F";
const LIGHTLY = 0.4; // of the paint, for the largest component: the photo stays a photo
const BORDERS = [["rgba(255,255,255,0.75)", 2.4], ["rgba(20,20,20,0.9)", 1]];

// A grey copy of a photo.
export function greyed(image) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const ctx = canvas.getContext("2d", { willReadFrequently: true });
  ctx.drawImage(image, 0, 0);
  const pixels = ctx.getImageData(0, 0, image.width, image.height);
  const { data } = pixels;
  for (let k = 0; k < data.length; k += 4) {
    const lightness = 0.299 * data[k] + 0.587 * data[k + 1] + 0.114 * data[k + 2];
    data[k] = data[k + 1] = data[k + 2] = lightness;
  }
  ctx.putImageData(pixels, 0, 0);
  return canvas;
}

// From one patch to another of the same row.
function paintPatches(ctx, photo, [first, last], colour, opacity) {
  const cell = cellOf(photo.side, first);
  if (!cell) return;
  const [left, top, , tall] = photo.patchBox(cell);
  const [begin, , wide] = photo.patchBox(cellOf(photo.side, last));
  const box = [left, top, begin + wide - left, tall];
  ctx.globalAlpha = Math.min(1, opacity * 1.6);
  photo.drawGrey(ctx, box);
  ctx.globalAlpha = opacity;
  ctx.fillStyle = colour;
  ctx.fillRect(...box);
  ctx.globalAlpha = 1;
}

// Patches of one component that lie side by side are painted as one: a photo of many patches has
// far fewer of these.
export function paintComponents(ctx, photo, { components, opacity, palette, marks }) {
  const { side: { n, prefix, grid: [, columns] } } = photo;
  const { leader, colour, largest } = components;
  const own = marks ? 0.45 * opacity : opacity; // what is marked stands out
  const first = prefix.length;
  for (let point = first, last; point < n; point = last + 1) {
    last = point;
    if (colour[point] === SINGLE) continue;
    const inRow = (next) => next < n && (next - first) % columns > 0;
    while (inRow(last + 1) && leader[last + 1] === leader[point]) last++;
    const light = leader[point] === largest ? LIGHTLY : 1;
    paintPatches(ctx, photo, [point, last], colourOf(palette, colour[point]), light * own);
  }
  const single = (point) => colour[point] === SINGLE;
  strokeBorders(ctx, photo, (a, b) => leader[a] !== leader[b] && !(single(a) && single(b)));
}

export function paintGroups(ctx, photo, groups) {
  const groupOf = new Map(groups.flatMap((points, k) => points.map((point) => [point, k])));
  for (const [point, k] of groupOf) {
    paintPatches(ctx, photo, [point, point], GROUP_COLOURS[k], 0.55);
  }
  strokeBorders(ctx, photo, (a, b) => groupOf.get(a) !== groupOf.get(b));
}

export function paintHeat(ctx, photo, heat) {
  const { side } = photo;
  ctx.fillStyle = HEAT_COLOUR;
  for (let point = side.prefix.length; point < side.n; point++) {
    const cell = cellOf(side, point);
    const box = photo.patchBox(cell);
    ctx.globalAlpha = 1;
    photo.drawGrey(ctx, box);
    ctx.fillStyle = "#000";
    ctx.globalAlpha = 0.35;
    ctx.fillRect(...box);
    ctx.fillStyle = HEAT_COLOUR;
    ctx.globalAlpha = 0.85 * heat[point];
    ctx.fillRect(...box);
  }
  ctx.globalAlpha = 1;
}

// Sooner or later by the colour, how much by how opaque it is: the same for both photos.
export function paintShifts(ctx, photo, { shifts: { shares }, opacity, palette }) {
  const { side } = photo;
  for (let point = side.prefix.length; point < side.n; point++) {
    const box = photo.patchBox(cellOf(side, point));
    ctx.globalAlpha = Math.min(1, opacity * 1.6);
    photo.drawGrey(ctx, box);
    ctx.globalAlpha = Math.min(1, opacity * 1.5);
    ctx.fillStyle = shiftColour(palette, shares[point]);
    ctx.fillRect(...box);
  }
  ctx.globalAlpha = 1;
}

// `share` is -1 to 1: of the largest shift of both photos.
export function shiftColour({ shifts: [sooner, later] }, share) {
  const colour = share < 0 ? sooner : later;
  return `${colour}${Math.round(255 * Math.abs(share)).toString(16).padStart(2, "0")}`;
}

// The borders between neighbouring patches that are to be told apart.
function strokeBorders(ctx, photo, apart) {
  const { side: { grid: [rows, columns], prefix }, corner: [left, top] } = photo;
  const at = (row, column) => prefix.length + row * columns + column;
  const x = (column) => left + column * photo.patchWidth;
  const y = (row) => top + row * photo.patchHeight;
  const path = new Path2D();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (column + 1 < columns && apart(at(row, column), at(row, column + 1))) {
        path.moveTo(x(column + 1), y(row));
        path.lineTo(x(column + 1), y(row + 1));
      }
      if (row + 1 < rows && apart(at(row, column), at(row + 1, column))) {
        path.moveTo(x(column), y(row + 1));
        path.lineTo(x(column + 1), y(row + 1));
      }
    }
  }
  for (const [colour, width] of BORDERS) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke(path);
  }
}
