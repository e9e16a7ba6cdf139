// The strip of numbers: what there is of both photos, and how far apart they are.

import { loopsAt, mergesAt } from "./data.js";
import { distanceText, pairedText, scaleText } from "./words.js";

const both = ({ data: { sides }, state }, count) =>
  sides.map((side, k) => count(side, state.stepOf(k)).toLocaleString("en")).join(" | ");
const distanceOf = ({ data }, name) => distanceText(data.matchings[name] ?? { distance: null });

const isPaired = ({ data }) => data.paired !== null;
const isUnpaired = (view) => !isPaired(view);

// Each: its key, what it is called, what it means, its value, and where it is shown if not always.
// Diagrams don't know which token is which: where tokens correspond, what knows it is shown.
const NUMBERS = [
  {
    key: "scale",
    label: "Scale A | B",
    means: "Tokens at most this far apart are joined: where the chosen share of each photo's own " +
      "merges has happened. The two scales differ, so the counts are not of one scale.",
    value: ({ data, state }) => [0, 1].map((k) => scaleText(data, state.stepOf(k))).join(" | "),
    where: ({ state }) => state.share !== null,
  },
  {
    key: "components",
    label: "Components A | B",
    means: "Connected components of the 1-skeleton at this scale, single tokens included.",
    value: (view) => both(view, (side, step) => side.n - mergesAt(side, step)),
  },
  {
    key: "loops",
    label: "Loops A | B",
    means: "Loops of the Rips complex at this scale that nothing fills: its first Betti number.",
    value: (view) => both(view, loopsAt),
  },
  {
    key: "h0-bottleneck",
    label: "H0 bottleneck",
    means: "How far apart the two photos' H0 persistence diagrams are (components), in the units " +
      "of the scale: the largest step of the best matching. 0 means the same diagram. It is the " +
      "same at every scale.",
    value: (view) => distanceOf(view, "h0-bottleneck"),
    where: isUnpaired,
  },
  {
    key: "h1-bottleneck",
    label: "H1 bottleneck",
    means: "How far apart the two photos' H1 persistence diagrams are (loops), in the units of " +
      "the scale. 0 means the same diagram. It is the same at every scale.",
    value: (view) => distanceOf(view, "h1-bottleneck"),
    where: isUnpaired,
  },
  {
    key: "rtd-lite",
    label: "RTD-lite",
    means: "Of two heads of the same photo, token by token: over all scales, how many components " +
      "more each head has than both together, each head's distances divided by their 0.9 " +
      "quantile. 0 for the same distances or a multiple of them, and no upper end. It knows " +
      "nothing of loops, and doesn't say where the heads differ, or which is better. It is the " +
      "same at every scale.",
    value: ({ data }) => pairedText(data.paired.rtd_lite),
    where: isPaired,
  },
  {
    key: "merge-heights",
    label: "Merge correlation",
    means: "Of two heads of the same photo, token by token: Spearman's correlation, over all " +
      "pairs of tokens, of the scales at which they come into one component. 1 for the same " +
      "order of merges, about 0 for unrelated ones, below 0 for a contrary one (trees can't " +
      "reach -1). It knows the order alone, not how far apart the scales are, and nothing of " +
      "loops. It is the same at every scale.",
    value: ({ data }) => pairedText(data.paired.merge_heights),
    where: isPaired,
  },
];

export class Numbers {
  constructor(root, view) {
    this.view = view;
    this.items = NUMBERS.map((one) => ({ ...one, ...makeNumber(one) }));
    root.querySelector(".numbers").replaceChildren(...this.items.map(({ box }) => box));
    root.querySelector(".numbers-help").replaceChildren(...meanings());
  }

  // At every step of a drag: only what has changed is written.
  show() {
    for (const { value, where, box, shown } of this.items) {
      box.hidden = where ? !where(this.view) : false;
      if (box.hidden) continue;
      const words = value(this.view);
      if (shown.textContent !== words) shown.textContent = words;
    }
  }
}

function makeNumber({ key, label, means }) {
  const [box, name, shown] = ["span", "span", "b"].map((tag) => document.createElement(tag));
  box.className = "number";
  box.title = means;
  box.dataset.number = key;
  // Which of them is A's goes without saying where there is no room for it.
  const [what, whose] = label.split(" A | B");
  const of = document.createElement("i");
  of.textContent = whose === undefined ? "" : " A | B";
  name.append(what, of);
  box.append(name, " ", shown);
  return { box, shown };
}

// The same explanations for those who have no pointer to hover with.
function meanings() {
  return NUMBERS.flatMap(({ label, means }) => {
    const [term, meaning] = ["dt", "dd"].map((tag) => document.createElement(tag));
    [term.textContent, meaning.textContent] = [label, means];
    return [term, meaning];
  });
}
