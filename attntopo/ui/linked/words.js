// Everything that is said in words.

const scaleText = (data, step) => (step / data.steps_in_one).toFixed(3);
const number = (value) => (value === null || value === Infinity ? "∞" : value.toFixed(4));

function countsText(data, side, components, step) {
  let single = 0, several = 0;
  components.sizes.forEach((size) => { if (size === 1) single++; else if (size > 1) several++; });
  const edges = side.edges[step], pairs = Math.max(1, side.rank.length);
  return `${several} ${several === 1 ? "component" : "components"} of two tokens or more, ${single} single · ${side.loops[step]} ${side.loops[step] === 1 ? "loop" : "loops"} · ${edges.toLocaleString("en")} edges (${Math.round((100 * edges) / pairs)}% of pairs)`;
}

function photosCaption(data) {
  const equal = data.same ? "A and B are the same, so equal colours mean the same." : "Equal colours in A and B mean nothing.";
  return `On the photo: patches of one colour are one component, in which steps no longer than the scale lead from any patch to any other; pale grey are components of two or three, untinted patches stand alone. ${equal}`;
}

function sceneCaption(data) {
  const share = ({ letter, layout: [variance, stress] }) => `${Math.round(100 * variance)}% of the variance in ${letter} (stress ${stress.toFixed(2)})`;
  if (data.sides.some(({ layout }) => layout[0] === null)) return "In 3D (drag, or arrow keys): a spring layout of the graph at the scale chosen last, as in the notebook, without single tokens.";
  return `In 3D (drag, or arrow keys): every dot is a token, and dots are near where the head looks at similar places from both; they stay put while the scale moves. Three dimensions keep ${share(data.sides[0])} and ${share(data.sides[1])}, so a loop may look squashed.`;
}

const MODES = [["to", "Where it looks"], ["by", "Who looks at it"], ["near", "Who looks alike"]];

function barWords(data, k, dimension, index) {
  const side = data.sides[k], bar = side.bars[dimension][index], where = `${side.letter} (${side.name})`;
  if (dimension === 0) {
    if (bar.merge === null) return `H0 of ${where}, the bar that never ends: the whole photo as one component, which all others join in the end.`;
    const [one, other] = highlight(data, { kind: "bar", side: k, dimension, number: index }, k).groups;
    return `H0 of ${where}: these two groups of patches (${one.length} orange, ${other.length} blue) stay apart until the scale ${number(bar.death)}, where the black edge joins the two tokens from which the head looks at the most similar places. The longer the bar, the more clearly the head tells its group from the rest.`;
  }
  const length = bar.loops.reduce((sum, loop) => sum + loop.length, 0);
  const seen = length ? `${length} tokens in a ring: from each the head looks at nearly the same places as from the next, but not as from those opposite` : "a ring whose tokens could not be found in reasonable time";
  return `H1 of ${where}: ${seen}. The black edge closes the ring at the scale ${number(bar.birth)} and the pale triangle is the last to fill it in, at ${number(bar.death)}: the longer in between, the more clearly there is a hole among the distances, whatever lies inside on the photo.`;
}

function pairWords(data, pick) {
  const found = data.matchings[pick.matching], cost = found.costs[pick.number];
  const named = (k) => { const bar = pick.bars[k] < 0 ? null : data.sides[k].bars[pick.dimension][pick.bars[k]]; return bar ? `the bar ${number(bar.birth)} to ${number(bar.death)} of ${"AB"[k]}` : null; };
  const [a, b] = [named(0), named(1)], attains = pick.number === found.attaining && pick.matching.endsWith("bottleneck");
  const what = a && b ? `${a} is matched with ${b}` : `${a ?? b} has no partner, so it is matched with the diagonal`;
  const words = `${what[0].toUpperCase()}${what.slice(1)}: a step of ${number(cost)}.`;
  return `${words} ${attains ? "It is the largest step, so it is the bottleneck distance." : "Both are marked in their photos."}`;
}

function tokenWords(data, pick, mode, components) {
  const side = data.sides[pick.side], size = components.sizes[components.leader[pick.point]];
  const seen = { to: "the brighter a patch, the more this token attends to it", by: "the brighter a patch, the more it attends to this token", near: "the brighter a patch, the more alike the two attend" }[mode];
  const own = size === 1 ? "it stands alone at this scale" : `its component has ${size} tokens at this scale`;
  return `${side.letter}, ${nameOf(side, pick.point)}: ${own}. On the photo, ${seen}; blue frames are its five nearest by the chosen distance.`;
}

function selectionWords(data, pick, mode, components) {
  if (!pick) return "Nothing is selected. Click a mark in a diagram to see its component or loop on the photo, or a patch to see where it looks.";
  if (pick.kind === "bar") return barWords(data, pick.side, pick.dimension, pick.number);
  if (pick.kind === "pair") return pairWords(data, pick);
  return tokenWords(data, pick, mode, components[pick.side]);
}

const TAB_CAPTIONS = {
  matching: "Both diagrams laid over each other, with lines from each bar to its partner, or to the diagonal (a bar of no length) where it has none. The thick line is the largest step, across or up: in a bottleneck matching that is the distance.",
  barcode: "Every bar from the scale at which it appears to that at which it ends: the same as the diagrams, easier to count. The line is the present scale.",
  dendrogram: "Which components join at which scale: single linkage. What hangs below the dashed line is one component each.",
  matrix: "How far apart any two tokens are (dark: near), in the dendrogram's order, so that components are dark squares on the diagonal. Point at it to see the two patches on the photo.",
  bars: "Every bar; a column's heading sorts, a row selects. Tokens are those of the loop, or of the component that ends.",
};
