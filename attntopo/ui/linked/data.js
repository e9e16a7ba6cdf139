// The data as it came -> arrays and sets of points. Nothing here draws.

const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

function decode(text) {
  const data = JSON.parse(text);
  data.sides = data.sides.map((side) => decodeSide(side));
  return data;
}

function decodeSide(side) {
  const n = side.n, pairs = (n * (n - 1)) / 2;
  // Pairs i < j are numbered row by row; the order names them by these numbers.
  const first = new Uint32Array(pairs), second = new Uint32Array(pairs);
  for (let i = 0, p = 0; i < n; i++) for (let j = i + 1; j < n; j++, p++) { first[p] = i; second[p] = j; }
  const order = pairs <= 65535 ? new Uint16Array(bytes(side.order).buffer) : new Uint32Array(bytes(side.order).buffer);
  side.from = new Uint32Array(pairs);
  side.to = new Uint32Array(pairs);
  side.rank = new Uint32Array(pairs);
  for (let k = 0; k < pairs; k++) { side.from[k] = first[order[k]]; side.to[k] = second[order[k]]; side.rank[order[k]] = k; }
  side.positions = new Float32Array(bytes(side.positions).buffer);
  side.means = bytes(side.means);
  side.roots = bytes(side.attention);
  side.held = new Set();  // edges that hold components together: drawn first where not all are
  for (const [i, j] of side.tree.edges) side.held.add(i * n + j);
  return side;
}

const pairNumber = (n, i, j) => (i < j ? i * n - (i * (i + 1)) / 2 + j - i - 1 : pairNumber(n, j, i));

// The first step of the scale at which two points are joined.
function stepOfPair(side, i, j) {
  const rank = side.rank[pairNumber(side.n, i, j)];
  let low = 0, high = side.edges.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (side.edges[middle] > rank) high = middle; else low = middle + 1;
  }
  return low;
}

// Leader, size and colour number of each point's component after so many merges.
function componentsAfter(side, merges) {
  const { survivors, absorbed, colours } = side.tree;
  const leader = Uint32Array.from({ length: side.n }, (_, k) => k);
  // Backwards, so that each absorbed leader finds where its absorber has gone.
  for (let k = merges - 1; k >= 0; k--) leader[absorbed[k]] = leader[survivors[k]];
  const sizes = new Uint32Array(side.n);
  for (const one of leader) sizes[one]++;
  const colour = new Int8Array(side.n);
  for (let k = 0; k < side.n; k++) {
    const size = sizes[leader[k]];
    colour[k] = size === 1 ? SINGLE : size < 4 ? PALE : colours[leader[k]];
  }
  return { leader, sizes, colour };
}

const SINGLE = -3, PALE = -2, GREY = -1;

function colourOf(palette, number) {
  if (number >= 0) return palette.components[number];
  return number === GREY ? palette.grey : number === PALE ? palette.pale : palette.single;
}

const tokenOf = (side, point) => point + side.first_token;
const pointOf = (side, token) => token - side.first_token;

function cellOf(side, point) {
  const patch = point - side.prefix.length;
  return patch < 0 ? null : [Math.floor(patch / side.grid[1]), patch % side.grid[1]];
}

function nameOf(side, point) {
  const cell = cellOf(side, point);
  return cell ? `token ${tokenOf(side, point)} (row ${cell[0]}, column ${cell[1]})` : side.prefix[point];
}

const alive = (bar, step) => bar.born <= step && step < bar.dies;

// "a-h1-4", "b-token-37", "pair-h1-bottleneck-3", "pair-h0-wasserstein-1-5", "none"
function parsePick(data, text) {
  let found = /^([ab])-token-(\d+)$/.exec(text);
  if (found) {
    const k = found[1] === "a" ? 0 : 1, point = pointOf(data.sides[k], +found[2]);
    return point >= 0 && point < data.sides[k].n ? { kind: "token", side: k, point, text } : null;
  }
  found = /^([ab])-h([01])-(\d+)$/.exec(text);
  if (found) {
    const k = found[1] === "a" ? 0 : 1, dimension = +found[2];
    return +found[3] < data.sides[k].bars[dimension].length ? { kind: "bar", side: k, dimension, number: +found[3], text } : null;
  }
  found = /^pair-(h[01]-(?:bottleneck|wasserstein-[12]))-(\d+)$/.exec(text);
  const matching = found && data.matchings[found[1]];
  if (!matching || +found[2] >= matching.pairs.length) return null;
  const [a, b] = matching.pairs[+found[2]];
  return { kind: "pair", matching: found[1], dimension: +found[1][1], number: +found[2], bars: [a, b], text };
}

// The bar of a side that is selected, alone or in a pair: [dimension, number], or null.
function pickedBar(pick, side) {
  if (pick?.kind === "bar" && pick.side === side) return [pick.dimension, pick.number];
  if (pick?.kind === "pair" && pick.bars[side] >= 0) return [pick.dimension, pick.bars[side]];
  return null;
}

// What a selection marks in a side: groups of points, edges, loops, a triangle.
function highlight(data, pick, k) {
  const side = data.sides[k], bar = pickedBar(pick, k);
  if (pick?.kind === "token" && pick.side === k) return { point: pick.point };
  if (!bar) return null;
  const [dimension, number] = bar, found = side.bars[dimension][number];
  if (dimension === 1) return { loops: found.loops, edges: [found.edge], triangle: found.triangle };
  const merges = found.merge ?? side.tree.absorbed.length;
  const { leader } = componentsAfter(side, merges);
  if (found.merge === null) return { groups: [[...leader.keys()]], edges: [] };
  const group = (of) => [...leader.keys()].filter((point) => leader[point] === leader[of]);
  const { absorbed, survivors, edges } = side.tree;
  return { groups: [group(absorbed[merges]), group(survivors[merges])], edges: [edges[merges]] };
}

// How strongly a token attends to the others, or they to it, or how near they are: 0 to 1 a point.
function heatOf(side, point, what) {
  const heat = new Float32Array(side.n);
  for (let k = 0; k < side.n; k++) {
    if (what === "near") heat[k] = k === point ? 1 : 1 - side.rank[pairNumber(side.n, point, k)] / side.rank.length;
    else heat[k] = side.roots[what === "to" ? point * side.n + k : k * side.n + point] / 255;
  }
  const largest = Math.max(...heat) || 1;
  return heat.map((value) => (what === "near" ? value ** 3 : value / largest));
}

// Points in the order of the dendrogram's leaves.
function leafOrder(side) {
  const lists = Array.from({ length: side.n }, (_, k) => [k]);
  side.tree.survivors.forEach((stays, k) => { lists[stays].push(...lists[side.tree.absorbed[k]]); lists[side.tree.absorbed[k]] = null; });
  return lists.filter(Boolean).flat();
}
