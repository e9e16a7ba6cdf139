// What is said in words: captions, counts and tips.

import { componentsText, counted } from "./counts.js";
import { edgesAt, loopsAt, mergesAt, nameOf, stepOfPair } from "./data.js";

const MATCHING_PICTURES = [
  "Every component is born at 0, so a bar is told by its death alone: A's deaths lie above, B's " +
  "below, and a line leads from each bar to its partner. A bar without one leads to 0, a bar of " +
  "no length, and costs half its death. The thick line is the largest step.",
  "Both diagrams laid over each other, with lines from each bar to its partner, or to the " +
  "diagonal (a bar of no length) where it has none. The thick line is the largest step, across " +
  "or up.",
];

const MATCHING_DISTANCES = {
  bottleneck: "The bottleneck distance is the largest step alone, of the matching in which that " +
    "is least.",
  "wasserstein-1": "The 1-Wasserstein distance is the sum of all steps, of the matching in which " +
    "that is least: many short steps count as much as a long one.",
  "wasserstein-2": "The 2-Wasserstein distance is the root of the sum of all steps' squares, of " +
    "the matching in which that is least: a long step counts more than many short ones.",
};

// What the picture of a matching such as `h0-wasserstein-2` shows, and what its distance is.
export function matchingCaption(name) {
  return `${MATCHING_PICTURES[+name[1]]} ${MATCHING_DISTANCES[name.slice(3)]}`;
}

export const matchingPictureCaption = (name) => MATCHING_PICTURES[+name[1]];
export const matchingMeaning = (name) => MATCHING_DISTANCES[name.slice(3)];

export const TAB_CAPTIONS = {
  diagrams: "Each mark is a bar: a circle a component (H0), a diamond a loop (H1), across at the " +
    "scale where it appears, up where the component joins another or the loop is filled in. " +
    "Marks far above the diagonal last long, those in the shaded corner are there at this scale, " +
    "and ∞ never ends; click one to see it on the photo.",
  barcode: "Every bar from the scale at which it appears to that at which it ends: the same as " +
    "the diagrams, easier to count. The line is the present scale.",
  dendrogram: "Which components join at which scale: single linkage, A and B on one scale. What " +
    "hangs below the dashed line is one component each.",
  matrix:
    "How far apart any two tokens are (dark: near; A and B on one scale of colours), in the " +
    "dendrogram's order, so that components are dark squares on the diagonal. Point at it to see " +
    "the two patches on the photo.",
  numbers: "Distances between diagrams are exact unless they say “about”, and of whole diagrams, " +
    "with homology over Z/2; the matching's picture says what each sums. Only “as the notebook” " +
    "leaves out bars of at most 0.01, as the notebook did in which this began.",
  bars: "Every bar; a column's heading sorts, a row selects. Tokens are those of the loop, or of " +
    "the component that ends.",
};

export const EVIDENCE_CAPTION =
  "How stable is a bar? Half its length is its certificate: while no distance changes by as " +
  "much, a bottleneck matching keeps the bar. How much a photo's changes move distances depends " +
  "on the head and on the change (see Stability). Universal p: the chance, if rows were random " +
  "points in a space, of a loop so long for its birth, by a conjectured law fitted to these same " +
  "bars; times the number of loops born after 0 (Bonferroni), in each head. The attention " +
  "graph, which is no distance, has none. “Rank it” draws attention at random that is like " +
  "the head's, 20 matrices of each of three nulls, the strictest first, and counts those " +
  "whose longest loop, or longest life of a component from four tokens on, is shorter. A " +
  "high rank says that profile, sinks and stationary smoothness alone seldom make such lengths. " +
  "It is a rank among draws of one head: it doesn't allow for the heads, photos and nulls that " +
  "you tried. Loops are cycles in attention's space, and outline objects poorly. " +
  "“Does the model care?” lets nobody attend to the patches of a component or a loop " +
  "from the next layer on, and measures how far the class token's last state moves, as 1 minus " +
  "the cosine; then the same without up to 40 random connected regions of as many patches, and " +
  "without up to 40 translations of the selected ones, beyond the border and in again on the " +
  "other side. " +
  "It is of this photo and of the class token alone. Patches that lie scattered are held fairly " +
  "against the translations only, and a larger shift says that these patches matter, however " +
  "they were found, not that the component or the loop does.";

const LARGE_EVENT = "two components of four tokens or more merge, or a long loop (at least half " +
  "as long as its photo's longest) appears or is filled in. Small ones: arrow keys on the slider.";

// What is said of a control of the dock when one points at it.
export const BUTTON_TIPS = {
  previous: `To the last scale before this at which ${LARGE_EVENT}`,
  next: `To the next scale at which ${LARGE_EVENT}`,
  objects: "To where nine of ten merges of both photos have happened: a tenth of the components " +
    "is left, many of them single tokens, and some may be objects or parts of objects (a rule of " +
    "thumb, not held against chance at one scale: see Method). Until you choose a " +
    "scale, all photos and heads open there.",
  own:
    "Each photo is shown where nine of ten of its own merges have happened: no one scale shows " +
    "something of both.",
  most: "To the scale with the most components of four tokens or more, A and B together.",
  play: "Sweep the scale from here to its end, in ten seconds for all of it.",
  story: "What components and loops are, shown on these photos in a quarter of a minute.",
  scale: "The slider moves the scale, the same for both photos.",
  share:
    "The slider moves the share of merges that have happened: each photo is at its own scale " +
    "then. For photos and heads whose distances differ.",
  slide: "Slide: tokens at most this far apart are joined. The arrow keys go to where a number " +
    "changes.",
  type: "Type a place for the slider, and press Enter.",
  clear: "Nothing is selected then, and the photos show their components again.",
  birth: "To the scale at which this bar begins.",
  end: "To the last scale at which it is still there.",
  more: "Read the whole sentence.",
  real: "Is it longer than by chance? How it ranks among attention drawn at random that is like " +
    "this head's: three nulls of 20 draws, the strictest first.",
  care: "How far the class token moves if, from the next layer on, nobody attends to these " +
    "patches: more than without others of as many? Up to so many seconds of one core.",
  what: "Back to what is selected.",
  pause: "The story stands still, or goes on.",
  scene: "To the story's next scene.",
  stop: "Everything is as it was before the story.",
};

const CANVAS_LABELS = {
  photo: (letter) =>
    `Photo ${letter} with its components painted on it. ` +
    "Arrow keys move over the patches, Enter selects one.",
  scene: (letter) =>
    `3D 1-skeleton of ${letter}. Arrow keys turn it, plus and minus zoom, ` +
    "Page Down and Page Up go from token to token, Enter selects one.",
  diagram: (letter) =>
    `Persistence diagrams of ${letter}. ` +
    "Arrow keys go from bar to bar, longest first, Enter selects.",
  curves: () =>
    "Betti curves: number of components and of loops against the scale, A solid, B dashed.",
  barcode: (letter) => `Barcode of ${letter}. Arrow keys go from bar to bar, Enter selects.`,
  dendrogram: (letter) =>
    `Dendrogram of ${letter}. Arrow keys go from merge to merge, the last first, Enter selects.`,
  matrix: (letter) =>
    `Distances between the tokens of ${letter}. Arrow keys move over the pairs, ` +
    "Enter selects the row's token.",
};

// What a screen reader says of a canvas.
export const canvasLabel = (picture, letter) => CANVAS_LABELS[picture](letter);

// With three decimals, or more where it has more; as Python's `scale_text`.
export function scaleText(data, step) {
  const digits = Math.round(Math.log10(data.steps_in_one));
  const [whole, decimals] = (step / data.steps_in_one).toFixed(digits).split(".");
  return `${whole}.${decimals.replace(/0+$/, "").padEnd(3, "0")}`;
}

export const mergesShareText = (share) => `${+(share / 100).toFixed(2)} %`;

// Where the slider stands, for those who hear it.
export function positionText(data, state) {
  const counts = data.sides.map((side, k) => {
    const [merges, loops] = [mergesAt(side, state.stepOf(k)), loopsAt(side, state.stepOf(k))];
    const scale = state.share === null ? "" : ` at scale ${scaleText(data, state.stepOf(k))}`;
    return `${side.letter}${scale} has ${side.n - merges} components and ${loops} loops`;
  });
  const place = state.share === null ? scaleText(data, state.step) : mergesShareText(state.share);
  return `${place}: ${counts.join(", ")}`;
}

const INSTEAD = { nothing: "nothing has joined", one: "all is one component" };
const capital = (words) => words[0].toUpperCase() + words.slice(1);

// What is seen of A and B where it is nothing.
export function offerText([a, b]) {
  if (a === b) return `${capital(INSTEAD[a])} here.`;
  const said = [["A", a], ["B", b]].filter(([, instead]) => instead);
  const words = said.map(([letter, instead]) => `in ${letter} ${INSTEAD[instead]}`).join(", ");
  return `${capital(words)}.`;
}

export function lengthText(value) {
  if (value === null || value === Infinity) return "∞";
  // Not 0.0000 where there is something.
  return value > 0 && value < 0.001 ? String(+value.toPrecision(3)) : value.toFixed(4);
}

// A number of any size, two digits of it.
export const numberText = (value) => String(+value.toPrecision(2));

// A matching's distance: never without a word where it isn't exact.
export function distanceText({ distance, within, unknown }) {
  if (unknown) return "too many bars";
  const text = lengthText(distance);
  return within ? `about ${text}, within ${+(100 * within).toPrecision(3)} %` : text;
}

// A share in percent: neither nothing of something nor all of a part, as `attntopo.wording`.
export function shareText(share) {
  const percent = Math.round(100 * share);
  if (percent === 0 && share > 0) return "<1 %";
  return percent === 100 && share < 1 ? ">99 %" : `${percent} %`;
}

export function countsText(side, components, step) {
  const there = components.sizes.filter((size) => size > 0).length;
  const single = components.sizes.filter((size) => size === 1).length;
  const edges = edgesAt(side, step);
  const share = edges / Math.max(1, side.rank.length);
  return `${componentsText(there, single)} · ` +
    `${counted(loopsAt(side, step), "loop")} · ` +
    `${counted(edges, "edge")} (${shareText(share)} of pairs)`;
}

const SHIFTS_CAPTION = " Display can paint where the two heads disagree instead: each token in " +
  "the colour of its merge that is shifted most, orange where it comes at a larger scale in the " +
  "other head, blue where at a smaller one. Each head's scales are divided by the 0.9 quantile " +
  "of its distances first. A shows where A's merges come in B, and B where B's come in A: two " +
  "questions, so the photos differ.";

export function photosCaption(data) {
  const equal = data.same
    ? "A and B are the same, so equal colours mean the same."
    : "Equal colours in A and B mean nothing.";
  return "On the photo: patches of one colour are one component, in which steps no longer than " +
    "the scale lead from any patch to any other. The largest is painted lightly; pale grey are " +
    "components of two or three, dark grey those for which no colour is left, told apart by " +
    `their borders; untinted patches stand alone. What the model didn't see is dimmed. ${equal}` +
    (data.sides[0].shifts ? SHIFTS_CAPTION : "");
}

export function sceneCaption(data) {
  if (data.sides.some(({ layout: [variance] }) => variance === null)) {
    return "In 3D (drag, or arrow keys): a spring layout of the graph at the scale chosen last, " +
      "as in the notebook, without single tokens.";
  }
  const shares = data.sides.map(({ letter, layout: [variance, stress] }) =>
    `${shareText(variance)} of the variance in ${letter} (stress ${stress.toFixed(2)})`
  );
  return "In 3D (drag, or arrow keys): every dot is a token, and dots are near where " +
    `${data.near}; they stay put while the scale moves. Three dimensions ` +
    `keep ${shares.join(" and ")}, so a loop may look squashed.`;
}

export function curvesCaption(data) {
  return "How many components and loops there are at each scale, from single tokens on the left " +
    "to one component on the right. The scale is how far apart two tokens are that are joined " +
    `(${data.distance}), near where ${data.near}; slide, and everything follows.`;
}

// `shifts` where they are painted: then its own is what one asks for.
export function pointTip(side, components, point, shifts) {
  const size = components.sizes[components.leader[point]];
  const alone = size === 1 ? "alone at this scale" : `in a component of ${size} tokens`;
  const where = shifts ? mergeShiftText(side, point) : alone;
  return `${side.letter}, ${nameOf(side, point)}\n${where}`;
}

// By how much a token's merges come later in the other head, or sooner.
export function mergeShiftText({ letter, shifts }, point) {
  const other = letter === "A" ? "B" : "A";
  const shift = shifts[point];
  if (Math.abs(shift) < 5e-5) return `merges at the same scale in ${other}`;
  return `merges ${Math.abs(shift).toFixed(4)} ${shift < 0 ? "sooner" : "later"} in ${other}`;
}

// A number of a comparison token by token; none where it can't be had.
export const pairedText = (value) => value === null ? "–" : value.toFixed(4);

export function pairTip(data, side, [i, j]) {
  const joined = i === j
    ? "the same token"
    : `joined from the scale ${scaleText(data, stepOfPair(side, i, j))}`;
  return `${nameOf(side, i)}\n${nameOf(side, j)}\n${joined}`;
}

const degrees = (radians) => Math.round((180 * radians) / Math.PI);

// From where a 1-skeleton is looked at.
export function cameraWords({ turn, tilt, zoom }) {
  const round = ((degrees(turn) % 360) + 360) % 360;
  return `Turned by ${round}°, tilted by ${degrees(tilt)}°, zoom ${zoom.toFixed(1)}`;
}

export function barTip(side, { dimension, number }) {
  const bar = side.bars[dimension][number];
  const what = dimension === 1 ? "loop" : "component";
  return `${side.letter}, H${dimension}, ${what}: ${lengthText(bar.birth)} to ${
    lengthText(bar.death)
  }`;
}
