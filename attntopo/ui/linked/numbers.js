// The strip of numbers: what there is of both photos, and how far apart they are.

import { loopsAt, mergesAt } from "./data.js";
import { distanceText, scaleText } from "./words.js";

const both = ({ data: { sides }, state }, count) =>
  sides.map((side, k) => count(side, state.stepOf(k)).toLocaleString("en")).join(" | ");
const distanceOf = ({ data }, name) => distanceText(data.matchings[name] ?? { distance: null });

// Each: its key, what it is called, what it means, and its value.
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
  },
  {
    key: "h1-bottleneck",
    label: "H1 bottleneck",
    means: "How far apart the two photos' H1 persistence diagrams are (loops), in the units of " +
      "the scale. 0 means the same diagram. It is the same at every scale.",
    value: (view) => distanceOf(view, "h1-bottleneck"),
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
