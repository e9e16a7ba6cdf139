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
  constructor() {
    this.copies = new Map();
  }

  draw(ctx, x, y, look) {
    const ratio = ctx.getTransform().a;
    const { copy, half } = this.copyOf(look, ratio);
    const size = copy.width / ratio;
    ctx.globalAlpha = 1;
    ctx.drawImage(copy, x - half, y - half, size, size);
  }

  copyOf(look, ratio) {
    const key = `${Object.values(look).join()} ${ratio}`;
    let found = this.copies.get(key);
    if (!found) this.copies.set(key, found = drawnCopy(look, ratio));
    return found;
  }
}

function drawnCopy(look, ratio) {
  const copy = document.createElement("canvas");
  copy.width = copy.height = Math.ceil(2 * (look.radius + BORDER) * ratio) + 2;
  const ctx = copy.getContext("2d", { willReadFrequently: true });
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  const half = copy.width / ratio / 2;
  drawNode(ctx, half, half, look);
  return { copy, half };
}
