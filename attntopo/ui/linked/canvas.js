// Canvases: size, theme, and the marks that several pictures share.

export const GROUP_COLOURS = ["#D55E00", "#0072B2"];
export const LOOP_COLOUR = "#D6006C";
export const EDGE_COLOUR = "#111111";
export const TOKEN_COLOUR = "#ff2d8a";
export const NEIGHBOUR_COLOUR = "#56B4E9";

// On the processor: faster here than a graphics context for pictures of this size.
const ON_PROCESSOR = { willReadFrequently: true };

export function clearedCanvas(canvas, height) {
  const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
  if (height) canvas.style.height = `${height}px`;
  const { clientWidth, clientHeight } = canvas;
  const [wide, tall] = [clientWidth, clientHeight].map((size) => Math.round(size * ratio));
  if (canvas.width !== wide || canvas.height !== tall) [canvas.width, canvas.height] = [wide, tall];
  const ctx = canvas.getContext("2d", ON_PROCESSOR);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, clientWidth, clientHeight);
  return { ctx, width: clientWidth, height: clientHeight };
}

export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, other) => style.getPropertyValue(name).trim() || other;
  const ground = read("--st-background-color", "#fff");
  const probe = document.createElement("canvas").getContext("2d", ON_PROCESSOR);
  probe.fillStyle = ground;
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  return {
    dark: red + green + blue < 384,
    text: read("--st-text-color", "#222"),
    ground,
    accent: read("--st-primary-color", "#b0306a"),
    font: read("--st-font", "sans-serif"),
    axis: "rgba(127,127,127,0.65)",
  };
}

export const barColour = (data, theme, dimension) => data.palette[`h${dimension}`][+theme.dark];

// The outline of a bar's mark: a circle a component, a diamond a loop.
export function traceMark(ctx, [x, y], dimension, radius) {
  ctx.beginPath();
  if (dimension === 0) {
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const reach = radius * 1.3;
  ctx.moveTo(x, y - reach);
  ctx.lineTo(x + reach, y);
  ctx.lineTo(x, y + reach);
  ctx.lineTo(x - reach, y);
  ctx.closePath();
}

export function fillMark(ctx, place, dimension, radius, colour) {
  ctx.fillStyle = colour;
  traceMark(ctx, place, dimension, radius);
  ctx.fill();
}

export function strokeMark(ctx, place, dimension, radius, colour, width) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  traceMark(ctx, place, dimension, radius);
  ctx.stroke();
}

export function strokeLine(ctx, places, colour, width, dash = []) {
  ctx.setLineDash(dash);
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.beginPath();
  for (const place of places) ctx.lineTo(...place);
  ctx.stroke();
  ctx.setLineDash([]);
}

// A line that is seen on any ground: white below, its colour above.
export function strokeOutlined(ctx, path, colour, width, dash = []) {
  ctx.save();
  ctx.lineJoin = ctx.lineCap = "round";
  for (const above of [false, true]) {
    ctx.setLineDash(above ? dash : []);
    ctx.strokeStyle = above ? colour : "#fff";
    ctx.lineWidth = above ? width : width + 3;
    ctx.stroke(path);
  }
  ctx.restore();
}

export function fillDot(ctx, [x, y], radius, colour, border) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.strokeStyle = "#fff";
  ctx.lineWidth = border;
  ctx.stroke();
}

// No wider than `room`, if it is given.
export function writeText(ctx, theme, words, [x, y], align = "left", size = 12, room = undefined) {
  ctx.font = `${size}px ${theme.font}`;
  ctx.textAlign = align;
  ctx.fillStyle = theme.text;
  ctx.fillText(words, x, y, room);
}

// The mark whose centre is nearest, within reach; the longer bar's of several in one place.
export function nearestMark(marks, x, y, reach) {
  let best = null;
  let least = reach * reach;
  for (const one of marks) {
    const distance = (one.x - x) ** 2 + (one.y - y) ** 2;
    if (distance < least || (distance === least && one.length > best.length)) {
      best = one;
      least = distance;
    }
  }
  return best;
}
