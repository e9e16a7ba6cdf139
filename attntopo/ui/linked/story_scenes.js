// What homology is on one photo, as a few scenes: a place on the scale, a selection, a sentence.

import { cellOf, componentsAt, lengthOf, mergesAt } from "./data.js";
import { barText } from "./selection.js";
import { counted } from "./counts.js";
import { lengthText, scaleText } from "./words.js";

const LARGE = 4; // tokens, from which on a component has a colour

export function storyScenes(data, k) {
  const side = data.sides[k];
  const scenes = [alone(data, side), joined(data, side)];
  scenes.push(...objectScenes(side, k), ...loopScenes(side, k));
  return scenes;
}

function alone(data, side) {
  const step = Math.max(0, (side.tree.steps[0] ?? 0) - 1);
  const components = side.n - mergesAt(side, step);
  return {
    step,
    pick: null,
    words: `${side.letter}, ${side.name}: each patch is a token, and two are near where ` +
      `${data.near}. At the scale ${scaleText(data, step)} there are ` +
      `${counted(components, "component")} of ${counted(side.n, "token")}: ` +
      `${components === side.n ? "all stand alone" : "only equal ones are joined"}.`,
  };
}

function joined(data, side) {
  const step = side.tree.steps[Math.floor(side.tree.steps.length / 2)] ?? 0;
  const { leader, sizes } = componentsAt(side, step);
  const large = sizes.filter((size, point) => leader[point] === point && size >= LARGE).length;
  return {
    step,
    pick: null,
    words: `As the scale grows, near tokens join. At ${scaleText(data, step)} half of all merges ` +
      `have happened: ${counted(large, "component")} of four tokens or more, in colour.`,
  };
}

// The component that lives longest between its fourth token and the merge that ends it.
export function longestComponent(side) {
  const { survivors, absorbed, lengths } = side.tree;
  const sizes = new Uint32Array(side.n).fill(1);
  const since = new Map(); // by leader: the length at which it had four tokens
  let best = null;
  absorbed.forEach((goes, merge) => {
    const stays = survivors[merge];
    const life = lengths[merge] - (since.get(goes) ?? Infinity);
    if (life > (best?.life ?? 0)) best = { merge, life, size: sizes[goes], since: since.get(goes) };
    sizes[stays] += sizes[goes];
    if (sizes[stays] >= LARGE && !since.has(stays)) since.set(stays, lengths[merge]);
  });
  return best;
}

function objectScenes(side, k) {
  const best = longestComponent(side);
  if (!best) {
    const step = side.tree.steps.at(-1) ?? 0;
    return [{
      step,
      pick: null,
      words: "No component of four tokens or more ever stands beside a larger one here: tokens " +
        "join the rest a few at a time, so this head sets no group apart on this photo.",
    }];
  }
  const number = side.bars[0].findIndex(({ merge }) => merge === best.merge);
  const end = side.tree.steps[best.merge];
  return [{
    step: Math.max(0, end - 1),
    pick: barText(k, { dimension: 0, number }),
    words: `These ${best.size} tokens (orange) became a component of four or more at ` +
      `${lengthText(best.since)} and stay apart from all others until ` +
      `${lengthText(side.tree.lengths[best.merge])}: a long bar of H0. That may be an object, ` +
      "a part of one, or neither.",
  }];
}

// Of the loops at least half as long as the longest, whose tokens are known, the one that lies on
// the photo most like a ring; it need not surround anything there.
export function shownLoop(side) {
  const bars = side.bars[1].map((bar, number) => ({ ...bar, number }));
  const known = bars.filter(({ loops, death }) => loops?.length && death !== null);
  const longest = Math.max(...known.map(lengthOf));
  const long = known.filter((bar) => lengthOf(bar) >= longest / 2)
    .map((bar) => ({ ...bar, isLongest: lengthOf(bar) === longest }));
  return long.reduce((a, b) => a && roundness(side, a) >= roundness(side, b) ? a : b, null);
}

// 1 for a circle of patches, nearly 0 for a scribble: area to the square of the length.
function roundness(side, { loops }) {
  const cells = loops.length === 1 ? loops[0].map((point) => cellOf(side, point)) : [null];
  if (cells.includes(null)) return 0; // several rings, or a token that has no place on the photo
  let [area, length] = [0, 0];
  cells.forEach(([row, column], k) => {
    const [nextRow, nextColumn] = cells[(k + 1) % cells.length];
    area += (column * nextRow - nextColumn * row) / 2;
    length += Math.hypot(nextRow - row, nextColumn - column);
  });
  return (4 * Math.PI * Math.abs(area)) / length ** 2;
}

function loopScenes(side, k) {
  const loop = shownLoop(side);
  if (!loop) {
    const words = "No loop ever opens here: this head has no bar in H1 on this photo.";
    return [{ step: side.tree.steps.at(-1) ?? 0, pick: null, words }];
  }
  const pick = barText(k, { dimension: 1, number: loop.number });
  const tokens = loop.loops.reduce((sum, one) => sum + one.length, 0);
  const [birth, death] = [lengthText(loop.birth), lengthText(loop.death)];
  const rank = loop.isLongest
    ? "this photo's longest bar"
    : "one of this photo's longest bars, the one most like a ring on the photo,";
  return [
    {
      step: loop.born,
      pick,
      words:
        `A loop opens at ${birth}: the black edge closes a ring of ${tokens} tokens, each near ` +
        `the next, that nothing fills yet. It is ${rank} of H1.`,
    },
    {
      step: Math.floor((loop.born + loop.dies) / 2),
      pick,
      words: "It stays open: it is a hole among the distances, a cycle in " +
        "attention's space; it need not run round anything in the picture.",
    },
    {
      step: loop.dies,
      pick,
      words: `At ${death} the pale triangle is the last that fills it in. Its life, ${birth} to ` +
        `${death}, is one mark in the diagram of H1: the farther above the diagonal, the longer.`,
    },
  ];
}
