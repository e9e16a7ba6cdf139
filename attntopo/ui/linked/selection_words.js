// What is selected, in words.

import { nameOf } from "./data.js";
import { certaintyWords } from "./evidence_words.js";
import { marksOf } from "./selection.js";
import { lengthText, scaleText } from "./words.js";

export const HEATS = [
  ["to", "Where it looks"],
  ["by", "Who looks at it"],
  ["near", "Who looks alike"],
];

export const HEAT_WORDS = {
  to: "the brighter a patch, the more this token attends to it",
  by: "the brighter a patch, the more it attends to this token",
  near: "the brighter a patch, the nearer it is to this token by the chosen distance",
};

// `shownOf` is asked for what the state says of a side, where that matters.
export function selectionWords(data, selection, heat, shownOf) {
  if (!selection) {
    return "Nothing is selected. Click a mark in a diagram to see its component or loop on the " +
      "photo, or a patch to see where it looks.";
  }
  if (selection.kind === "pair") return pairWords(data, selection);
  if (selection.kind === "token") {
    const { components } = shownOf(selection.side);
    return tokenWords(data.sides[selection.side], selection, heat, components);
  }
  return selection.dimension === 0
    ? componentWords(data, selection)
    : loopWords(data, selection, shownOf(selection.side));
}

function componentWords(data, selection) {
  const side = data.sides[selection.side];
  const bar = side.bars[0][selection.number];
  const where = `H0 of ${side.letter} (${side.name})`;
  if (bar.merge === null) {
    return `${where}, the bar that never ends: the whole photo as one component, which all ` +
      "others join in the end.";
  }
  const [one, other] = marksOf(data, selection, selection.side).groups;
  return `${where}: these two groups of patches (${one.length} orange, ${other.length} blue) ` +
    `stay apart until the scale ${lengthText(bar.death)}, where the black edge joins the two ` +
    "tokens that are nearest to each other. The bar's length is that gap alone: a lone token can " +
    `have a long one.${certaintyWords(side, selection)}`;
}

function loopWords(data, selection, { step, isGhost }) {
  const side = data.sides[selection.side];
  const bar = side.bars[1][selection.number];
  const tokens = bar.loops?.reduce((sum, loop) => sum + loop.length, 0);
  const ring = tokens
    ? `${tokens} tokens in a ring, each near the next, that nothing fills at first`
    : "a ring whose tokens are being looked for";
  return `H1 of ${side.letter} (${side.name}): ${ring}. The black edge closes the ring at the ` +
    `scale ${lengthText(bar.birth)} and the pale triangle is the last to fill it in, at ` +
    `${lengthText(bar.death)}: the longer in between, the more clearly there is a hole among the ` +
    `distances, whatever lies inside on the photo.${certaintyWords(side, selection)}` +
    `${isGhost ? absentWords(data, bar, step) : ""}`;
}

function absentWords(data, bar, step) {
  const what = step < bar.born ? "it hasn't opened yet" : "it is filled in";
  return ` Dashed: at the present scale, ${scaleText(data, step)}, ${what}.`;
}

function pairWords(data, { matching: name, dimension, number, bars }) {
  const matching = data.matchings[name];
  const named = data.sides.map((side, k) => {
    const bar = side.bars[dimension][bars[k]];
    return bar && `the bar ${lengthText(bar.birth)} to ${lengthText(bar.death)} of ${side.letter}`;
  });
  const [one, other] = named.filter(Boolean);
  const matched = other
    ? `${one} is matched with ${other}`
    : `${one} has no partner, so it is matched with the diagonal`;
  const attains = number === matching.attaining && name.endsWith("bottleneck");
  const meaning = attains
    ? "It is the largest step, so it is the bottleneck distance."
    : other
    ? "Both are marked in their photos."
    : "It is marked in its photo.";
  const sentence = `${matched[0].toUpperCase()}${matched.slice(1)}`;
  return `${sentence}: a step of ${lengthText(matching.costs[number])}. ${meaning}`;
}

function tokenWords(side, { point }, heat, components) {
  const size = components.sizes[components.leader[point]];
  const own = size === 1
    ? "it stands alone at this scale"
    : `its component has ${size} tokens at this scale`;
  return `${side.letter}, ${nameOf(side, point)}: ${own}. On the photo, ${HEAT_WORDS[heat]}; ` +
    "blue frames are the nearest to it by the chosen distance, five at most.";
}
