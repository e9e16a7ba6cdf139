// Nodes in 3D, one after the other; while many of them move, as copies of a few that were drawn.

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

// Draws nodes by copying: a node looks as drawn, but for parts of a pixel of its place.
export class NodeCopies {
  // `ctx` is of the canvas that they are drawn on.
  constructor(ctx) {
    this.ctx = ctx;
    this.ratio = ctx.getTransform().a;
    this.copies = new Map();
  }

  draw(x, y, look) {
    const copy = this.copyOf(look);
    const size = copy.width / this.ratio;
    this.ctx.globalAlpha = 1;
    this.ctx.drawImage(copy, x - size / 2, y - size / 2, size, size);
  }

  copyOf(look) {
    const key = Object.values(look).join();
    let copy = this.copies.get(key);
    if (!copy) this.copies.set(key, copy = drawnCopy(look, this.ratio));
    return copy;
  }
}

function drawnCopy(look, ratio) {
  const copy = document.createElement("canvas");
  copy.width = copy.height = Math.ceil(2 * (look.radius + BORDER) * ratio) + 2;
  const ctx = copy.getContext("2d", { willReadFrequently: true });
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  const half = copy.width / ratio / 2;
  drawNode(ctx, half, half, look);
  return copy;
}
