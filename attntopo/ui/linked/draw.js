// Canvases: size, theme, and the marks that several pictures share.

// On the processor: faster here than a graphics context for pictures of this size.
function context(canvas, height) {
  const ratio = Math.min(2, window.devicePixelRatio || 1), width = canvas.clientWidth;
  if (height) canvas.style.height = `${height}px`;
  const tall = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(tall * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(tall * ratio);
  }
  const ctx = canvas.getContext("2d", { willReadFrequently: true });
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, tall);
  return { ctx, width, height: tall };
}

function readTheme(root) {
  const style = getComputedStyle(root);
  const read = (name, other) => style.getPropertyValue(name).trim() || other;
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = read("--st-background-color", "#fff");
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
  return {
    dark: r + g + b < 384,
    text: read("--st-text-color", "#222"),
    ground: read("--st-background-color", "#fff"),
    accent: read("--st-primary-color", "#b0306a"),
    font: read("--st-font", "sans-serif"),
    axis: "rgba(127,127,127,0.65)",
  };
}

const barColour = (data, theme, dimension) => data.palette[`h${dimension}`][theme.dark ? 1 : 0];

function mark(ctx, x, y, dimension, radius) {
  ctx.beginPath();
  if (dimension === 0) ctx.arc(x, y, radius, 0, 7);
  else { ctx.moveTo(x, y - radius * 1.3); ctx.lineTo(x + radius * 1.3, y); ctx.lineTo(x, y + radius * 1.3); ctx.lineTo(x - radius * 1.3, y); ctx.closePath(); }
}

function text(ctx, theme, words, x, y, align = "left", size = 12) {
  ctx.font = `${size}px ${theme.font}`;
  ctx.textAlign = align;
  ctx.fillStyle = theme.text;
  ctx.fillText(words, x, y);
}

// A line that is seen on any ground: white below, its colour above.
function strong(ctx, path, colour, width, dash = []) {
  for (const [style, wide] of [["#fff", width + 3], [colour, width]]) {
    ctx.setLineDash(wide === width ? dash : []);
    ctx.strokeStyle = style;
    ctx.lineWidth = wide;
    ctx.lineJoin = ctx.lineCap = "round";
    ctx.beginPath();
    path(ctx);
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

const PICK_COLOURS = ["#D55E00", "#0072B2"];
const LOOP_COLOUR = "#D6006C";
const EDGE_COLOUR = "#111111";

// Round numbers for an axis.
function ticks(end, count) {
  const raw = end / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => power * factor >= raw);
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, k) => k * step);
}
const short = (value) => String(+value.toFixed(4));

function nearest(marks, x, y, reach) {
  let best = null, least = reach * reach;
  for (const one of marks) {
    const distance = (one.x - x) ** 2 + (one.y - y) ** 2;
    if (distance < least || (distance === least && one.length > best.length)) { best = one; least = distance; }
  }
  return best;
}
