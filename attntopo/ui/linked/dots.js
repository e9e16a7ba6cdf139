// Nodes in 3D, one after the other.

const BORDER = 0.6;

// A node: a filled circle, with a border where it has one.
export function drawNode(ctx, x, y, { radius, colour, opacity, border }) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.globalAlpha = opacity;
  ctx.fill();
  if (!border) return;
  ctx.strokeStyle = border;
  ctx.lineWidth = BORDER;
  ctx.stroke();
}

// The same in a hurry: of rectangles, which take a fraction of the time.
export function drawRoughly(ctx, x, y, { radius, colour, opacity }) {
  ctx.fillStyle = colour;
  ctx.globalAlpha = opacity;
  if (opacity < 1) { // what lay over itself would be less transparent
    const half = 0.88 * radius; // of a square as large as the circle
    ctx.fillRect(x - half, y - half, 2 * half, 2 * half);
    return;
  }
  const less = 0.5 * radius;
  ctx.fillRect(x - radius, y - less, 2 * radius, 2 * less);
  ctx.fillRect(x - less, y - radius, 2 * less, 2 * radius);
  ctx.fillRect(x - 0.8 * radius, y - 0.8 * radius, 1.6 * radius, 1.6 * radius);
}
