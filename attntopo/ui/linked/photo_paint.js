// What is painted over a photo's patches: components, the groups of a selection, or heat.

import { GROUP_COLOURS } from "./canvas.js";
import { cellOf, colourOf, GREY, SINGLE } from "./data.js";

const HEAT_COLOUR = "#FFD23F";
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

function paintPatch(ctx, photo, point, colour, opacity) {
  const { side, grey } = photo;
  const cell = cellOf(side, point);
  if (!cell) return;
  const [row, column] = cell;
  const box = photo.patchBox(cell);
  const [wide, tall] = [grey.width / side.grid[1], grey.height / side.grid[0]];
  ctx.globalAlpha = Math.min(1, opacity * 1.6);
  ctx.drawImage(grey, column * wide, row * tall, wide, tall, ...box);
  ctx.globalAlpha = opacity;
  ctx.fillStyle = colour;
  ctx.fillRect(...box);
  ctx.globalAlpha = 1;
}

export function paintComponents(ctx, photo, { components, opacity, palette, marks }) {
  const { side } = photo;
  const { leader, colour } = components;
  const own = marks ? 0.45 * opacity : opacity; // what is marked stands out
  for (let point = side.prefix.length; point < side.n; point++) {
    if (colour[point] === SINGLE) continue;
    paintPatch(ctx, photo, point, colourOf(palette, colour[point]), own);
  }
  const single = (point) => colour[point] === SINGLE;
  strokeBorders(ctx, photo, (a, b) => leader[a] !== leader[b] && !(single(a) && single(b)));
  numberGreyComponents(ctx, photo, components);
}

export function paintGroups(ctx, photo, groups) {
  const groupOf = new Map(groups.flatMap((points, k) => points.map((point) => [point, k])));
  for (const [point, k] of groupOf) paintPatch(ctx, photo, point, GROUP_COLOURS[k], 0.55);
  strokeBorders(ctx, photo, (a, b) => groupOf.get(a) !== groupOf.get(b));
}

export function paintHeat(ctx, photo, heat) {
  const { side, grey, width, height } = photo;
  ctx.drawImage(grey, 0, 0, width, height);
  ctx.fillStyle = "#000";
  ctx.globalAlpha = 0.35;
  ctx.fillRect(0, 0, width, height);
  ctx.fillStyle = HEAT_COLOUR;
  for (let point = side.prefix.length; point < side.n; point++) {
    ctx.globalAlpha = 0.85 * heat[point];
    ctx.fillRect(...photo.patchBox(cellOf(side, point)));
  }
  ctx.globalAlpha = 1;
}

// The borders between neighbouring patches that are to be told apart.
function strokeBorders(ctx, { side, patchWidth: wide, patchHeight: tall }, apart) {
  const { grid: [rows, columns], prefix } = side;
  const at = (row, column) => prefix.length + row * columns + column;
  const path = new Path2D();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [right, below] = [(column + 1) * wide, (row + 1) * tall];
      if (column + 1 < columns && apart(at(row, column), at(row, column + 1))) {
        path.moveTo(right, row * tall);
        path.lineTo(right, below);
      }
      if (row + 1 < rows && apart(at(row, column), at(row + 1, column))) {
        path.moveTo(column * wide, below);
        path.lineTo(right, below);
      }
    }
  }
  for (const [colour, width] of BORDERS) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke(path);
  }
}

// Components for which no colour was left are grey, and told apart by numbers.
function numberGreyComponents(ctx, photo, { leader, sizes, colour }) {
  const grey = [...new Set(leader)].filter((one) => colour[one] === GREY);
  grey.sort((a, b) => sizes[b] - sizes[a] || a - b);
  const numbers = new Map(grey.map((one, k) => [one, String(k + 1)]));
  const least = photo.leastPatchSide;
  const written = [];
  // Of patches too small for a number each, not all get one.
  const crowded = ([x, y]) =>
    least < 6 && written.some((one) => Math.abs(one[0] - x) < 14 && Math.abs(one[1] - y) < 11);
  ctx.font = `bold ${Math.max(9, least * 0.7)}px sans-serif`;
  [ctx.textAlign, ctx.textBaseline, ctx.fillStyle] = ["center", "middle", "#fff"];
  leader.forEach((one, point) => {
    const middle = numbers.has(one) && photo.middle(point);
    if (!middle || crowded(middle)) return;
    written.push(middle);
    ctx.fillText(numbers.get(one), ...middle);
  });
  ctx.textBaseline = "alphabetic";
}
