// What Python sent -> arrays and sets of points. Nothing here draws.

import { unpack } from "./unpack.js";

// Numbers that stand for a component's colour where it has none of its own.
export const SINGLE = -3;
export const PALE = -2;
export const GREY = -1;

export async function decode(packed) {
  const { document: data, arrayOf } = await unpack(packed);
  for (const side of data.sides) decodeSide(side, arrayOf);
  return data;
}

function decodeSide(side, arrayOf) {
  const { means, positions, attention, shifts, steps } = side;
  const [colours, places, roots, later, ...planes] = [
    means,
    positions,
    attention,
    shifts,
    ...steps,
  ].map((array) => array && arrayOf(array));
  side.heats = new Map(); // by point, where not all attention was sent
  Object.assign(side, { means: colours, roots, positions: new Float32Array(places.buffer) });
  // By how much a point's merges come later in the other head; null where nobody can say.
  side.shifts = later && new Float32Array(later.buffer);
  sortPairs(side, planes);
  // Edges that hold components together: drawn first where not all are.
  side.held = new Set(side.tree.edges.map(([i, j]) => i * side.n + j));
  const loops = side.bars[1];
  side.loops = {
    born: loops.map(({ born }) => born).sort((a, b) => a - b),
    dies: loops.map(({ dies }) => dies).sort((a, b) => a - b),
  };
}

// Pairs i < j are numbered row by row; their steps come byte by byte. Edges are in the order of
// their steps, and in that of their numbers within a step.
function sortPairs(side, planes) {
  const { n } = side;
  const steps = joinedPlanes(planes, (n * (n - 1)) / 2);
  const next = beginnings(steps); // where the next edge of each step has its place
  side.rank = new Uint32Array(steps.length);
  // What goes to places all over is written once: both ends in one number (1,370 at most each).
  const ends = new Uint32Array(steps.length);
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      const place = next[steps[pair]]++;
      side.rank[pair] = place;
      ends[place] = i << 16 | j;
    }
  }
  [side.from, side.to] = [new Uint16Array(ends.length), new Uint16Array(ends.length)];
  for (let k = 0; k < ends.length; k++) { // not `from`, which takes thirty times as long
    side.from[k] = ends[k] >>> 16;
    side.to[k] = ends[k] & 0xffff;
  }
  side.edges = runs(next, steps.length);
}

// Whole numbers whose lowest bytes come first, then the next ones, …
function joinedPlanes(planes, length) {
  const numbers = new Uint32Array(length);
  for (let k = 0; k < planes.length; k++) {
    const [plane, shift] = [planes[k], 8 * k];
    for (let at = 0; at < length; at++) numbers[at] |= plane[at] << shift;
  }
  return numbers;
}

// How many pairs come at a lower step, for each step.
function beginnings(steps) {
  let last = 0;
  for (let k = 0; k < steps.length; k++) if (steps[k] > last) last = steps[k];
  const counts = new Uint32Array(last + 2);
  for (let k = 0; k < steps.length; k++) counts[steps[k] + 1]++;
  for (let step = 1; step < counts.length; step++) counts[step] += counts[step - 1];
  return counts;
}

// Each step as often as it comes, of the places where its run ends.
function runs(ends, length) {
  const steps = new Uint32Array(length);
  for (let step = 0, k = 0; k < length; step++) while (k < ends[step]) steps[k++] = step;
  return steps;
}

export function pairNumber(n, i, j) {
  return i < j ? i * n - (i * (i + 1)) / 2 + j - i - 1 : pairNumber(n, j, i);
}

// The first step of the scale at which two points are joined.
export const stepOfPair = (side, i, j) => side.edges[side.rank[pairNumber(side.n, i, j)]];

// How many of ascending steps have come at a step.
export function countUpTo(steps, step) {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] > step) high = middle;
    else low = middle + 1;
  }
  return low;
}

export const edgesAt = (side, step) => countUpTo(side.edges, step);
export const mergesAt = (side, step) => countUpTo(side.tree.steps, step);
export const loopsAt = ({ loops }, step) =>
  countUpTo(loops.born, step) - countUpTo(loops.dies, step);

export const WHOLE_SHARE = 10000; // shares of merges are in hundredths of a percent
export const OBJECTS_SHARE = 9000;

// The least step at which a share of the merges has happened; as Python's `share_scale`.
export function stepAtShare(side, share) {
  const { steps } = side.tree;
  return steps[Math.ceil((share * steps.length) / WHOLE_SHARE) - 1] ?? 0;
}

// The share of the merges of all sides together that has happened at a step.
export function shareAt(sides, step) {
  const [happened, all] = sides.reduce(
    ([some, whole], side) => [some + mergesAt(side, step), whole + side.tree.steps.length],
    [0, 0],
  );
  return Math.round((WHOLE_SHARE * happened) / Math.max(1, all));
}

// Leader, size and colour number of each point's component after so many merges.
export function componentsAfter(side, merges) {
  const { survivors, absorbed, colours } = side.tree;
  const leader = new Uint32Array(side.n);
  for (let k = 0; k < side.n; k++) leader[k] = k;
  // Backwards, so that each absorbed leader finds where its absorber has gone.
  for (let k = merges - 1; k >= 0; k--) leader[absorbed[k]] = leader[survivors[k]];
  const sizes = new Uint32Array(side.n);
  for (let k = 0; k < side.n; k++) sizes[leader[k]]++;
  const colour = new Int8Array(side.n);
  let largest = 0;
  for (let k = 0; k < side.n; k++) {
    const size = sizes[leader[k]];
    colour[k] = size === 1 ? SINGLE : size < 4 ? PALE : colours[leader[k]];
    if (sizes[k] > sizes[largest]) largest = k;
  }
  return { leader, sizes, colour, largest };
}

export const componentsAt = (side, step) => componentsAfter(side, mergesAt(side, step));

export function colourOf(palette, number) {
  if (number >= 0) return palette.components[number];
  return { [GREY]: palette.grey, [PALE]: palette.pale, [SINGLE]: palette.single }[number];
}

export const tokenOf = (side, point) => point + side.first_token;
export const pointOf = (side, token) => token - side.first_token;

// Row and column of a point's patch; a prefix token has none.
export function cellOf(side, point) {
  const patch = point - side.prefix.length;
  return patch < 0 ? null : [Math.floor(patch / side.grid[1]), patch % side.grid[1]];
}

export function nameOf(side, point) {
  const cell = cellOf(side, point);
  if (!cell) return side.prefix[point];
  return `token ${tokenOf(side, point)} (row ${cell[0]}, column ${cell[1]})`;
}

export const isAlive = (bar, step) => bar.born <= step && step < bar.dies;

// How long a bar is; Infinity where it never ends.
export const lengthOf = (bar) => bar.death === null ? Infinity : bar.death - bar.birth;

// 0 to 1 a point: how strongly a token attends to it ("to"), it to the token ("by"), or how near
// the two are ("near"); null while it isn't there yet.
export function heatOf(side, point, heat) {
  if (heat === "near") return nearness(side, point);
  const bytes = heatBytes(side, point, heat);
  if (!bytes) return null;
  const largest = Math.max(...bytes) || 1;
  return Float32Array.from(bytes, (root) => root / largest);
}

function heatBytes({ roots, heats, n }, point, heat) {
  if (!roots) return heats.get(point)?.[heat];
  if (heat === "to") return roots.subarray(point * n, (point + 1) * n);
  return Uint8Array.from({ length: n }, (_, k) => roots[k * n + point]);
}

function nearness(side, point) {
  return Float32Array.from({ length: side.n }, (_, k) => {
    if (k === point) return 1;
    return (1 - side.rank[pairNumber(side.n, point, k)] / side.rank.length) ** 3;
  });
}

// The nearest points to one, by the chosen distance.
export function nearestPoints(side, point, count) {
  const others = [...Array(side.n).keys()].filter((other) => other !== point);
  const rank = (other) => side.rank[pairNumber(side.n, point, other)];
  return others.sort((a, b) => rank(a) - rank(b)).slice(0, count);
}

// Points in the order of the dendrogram's leaves.
export function leafOrder(side) {
  const lists = Array.from({ length: side.n }, (_, k) => [k]);
  side.tree.survivors.forEach((stays, k) => {
    const goes = side.tree.absorbed[k];
    lists[stays].push(...lists[goes]);
    lists[goes] = [];
  });
  return lists.flat();
}
