// What a selection marks on a photo: a token, loops, edges, a triangle.

import {
  EDGE_COLOUR,
  fillDot,
  LOOP_COLOUR,
  NEIGHBOUR_COLOUR,
  strokeOutlined,
  TOKEN_COLOUR,
} from "./canvas.js";
import { cellOf } from "./data.js";

const GHOST = 0.45; // the opacity of a loop that isn't there at this scale

export function paintMarks(ctx, photo, { marks, neighbours, isGhost }) {
  if (marks.point !== undefined) {
    for (const point of neighbours) outlinePatch(ctx, photo, point, NEIGHBOUR_COLOUR, 2);
    outlinePatch(ctx, photo, marks.point, TOKEN_COLOUR, 3);
  }
  ctx.globalAlpha = isGhost ? GHOST : 1;
  if (marks.triangle) fillTriangle(ctx, photo, marks.triangle);
  for (const loop of marks.loops ?? []) drawLoop(ctx, photo, loop, isGhost);
  for (const [a, b] of marks.edges ?? []) drawEdge(ctx, photo, a, b, EDGE_COLOUR, isGhost);
  ctx.globalAlpha = 1;
}

export function outlinePatch(ctx, photo, point, colour, width) {
  const cell = cellOf(photo.side, point);
  if (!cell) return;
  const [x, y, wide, tall] = photo.patchBox(cell);
  const path = new Path2D();
  path.rect(x + 1, y + 1, Math.max(1, wide - 2), Math.max(1, tall - 2));
  strokeOutlined(ctx, path, colour, width);
}

function fillTriangle(ctx, photo, points) {
  const middles = points.map((point) => photo.middle(point));
  if (middles.includes(null)) return;
  ctx.beginPath();
  for (const middle of middles) ctx.lineTo(...middle);
  ctx.closePath();
  ctx.fillStyle = "rgba(255,255,255,0.45)";
  ctx.fill();
}

function drawLoop(ctx, photo, loop, isGhost) {
  loop.forEach((point, k) => {
    drawEdge(ctx, photo, point, loop[(k + 1) % loop.length], LOOP_COLOUR, isGhost);
  });
  const radius = Math.max(2.5, photo.leastPatchSide / 5);
  const middles = loop.map((point) => photo.middle(point)).filter(Boolean);
  for (const middle of middles) fillDot(ctx, middle, radius, LOOP_COLOUR, 1.5);
}

// A prefix token has no place on the photo: its edges end, dashed, at the lower border. What isn't
// there at this scale is dashed, too.
function drawEdge(ctx, photo, a, b, colour, isGhost) {
  const middles = [photo.middle(a), photo.middle(b)];
  if (!middles.some(Boolean)) return;
  const foot = (point) => [Math.min(photo.width - 6, 12 + 90 * point), photo.height - 2];
  const path = new Path2D();
  path.moveTo(...(middles[0] ?? foot(a)));
  path.lineTo(...(middles[1] ?? foot(b)));
  strokeOutlined(ctx, path, colour, 3, isGhost || middles.includes(null) ? [5, 5] : []);
}
