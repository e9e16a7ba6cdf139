// What is selected: read from the text that links carry, and what it marks in each photo.

import { componentsAfter, pointOf } from "./data.js";

const TOKEN = /^([ab])-token-(\d+)$/;
const BAR = /^([ab])-h([01])-(\d+)$/;
const PAIR = /^pair-(h([01])-(?:bottleneck|wasserstein-[12]))-(\d+)$/;

// As `attntopo.links.parse_selection`; null also for what these heads don't have.
export function parseSelection(data, text) {
  let match = TOKEN.exec(text);
  if (match) {
    const side = "ab".indexOf(match[1]);
    const point = pointOf(data.sides[side], +match[2]);
    const exists = point >= 0 && point < data.sides[side].n;
    return exists ? { kind: "token", side, point, text } : null;
  }
  match = BAR.exec(text);
  if (match) {
    const [side, dimension, number] = ["ab".indexOf(match[1]), +match[2], +match[3]];
    const exists = number < data.sides[side].bars[dimension].length;
    return exists ? { kind: "bar", side, dimension, number, text } : null;
  }
  match = PAIR.exec(text);
  const [matching, dimension, number] = match ? [match[1], +match[2], +match[3]] : [];
  const bars = data.matchings[matching]?.pairs[number];
  return bars ? { kind: "pair", matching, dimension, number, bars, text } : null;
}

export const tokenText = (side, token) => `${"ab"[side]}-token-${token}`;
export const barText = (side, { dimension, number }) => `${"ab"[side]}-h${dimension}-${number}`;
export const pairText = (matching, number) => `pair-${matching}-${number}`;

// The bar of a side that is selected, alone or in a pair.
export function selectedBar(selection, side) {
  const { kind, dimension } = selection ?? {};
  if (kind === "bar" && selection.side === side) return { dimension, number: selection.number };
  if (kind === "pair" && selection.bars[side] >= 0) {
    return { dimension, number: selection.bars[side] };
  }
  return null;
}

export function isBar(bar, dimension, number) {
  return bar?.dimension === dimension && bar.number === number;
}

// What a selection marks in a side: groups of points, edges, loops, a triangle.
export function marksOf(data, selection, k) {
  const side = data.sides[k];
  if (selection?.kind === "token" && selection.side === k) return { point: selection.point };
  const chosen = selectedBar(selection, k);
  if (!chosen) return null;
  const bar = side.bars[chosen.dimension][chosen.number];
  if (chosen.dimension === 0) return marksOfComponent(side, bar.merge);
  return { bar, loops: bar.loops, edges: [bar.edge], triangle: bar.triangle };
}

// The two components that a merge joins, and the edge that joins them.
function marksOfComponent(side, merge) {
  const { absorbed, survivors, edges } = side.tree;
  const { leader } = componentsAfter(side, merge ?? absorbed.length);
  const points = [...leader.keys()];
  if (merge === null) return { groups: [points], edges: [] };
  const groups = [absorbed[merge], survivors[merge]].map((one) =>
    points.filter((point) => leader[point] === leader[one])
  );
  return { groups, edges: [edges[merge]] };
}
