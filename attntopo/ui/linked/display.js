// How the photos are shown: how opaque the paint is, what is painted, and how much of the photo is
// in the picture.

import { numberText } from "./words.js";

const AFTER_OPACITY_MS = 300;
const NO_SHIFTS = "Where two heads disagree can be painted only where A and B show the same " +
  "photo, on the same patches, by two heads: so components are painted.";

export class Display {
  constructor(root, view, signal) {
    const { state, outbox } = view;
    this.view = view;
    this.opacity = root.querySelector(".opacity-range");
    this.frame = root.querySelector(".frame");
    this.opacity.addEventListener("input", () => {
      state.opacity = this.opacity.value / 100;
      view.requestDraw();
    }, { signal });
    this.opacity.addEventListener("change", () => outbox.tellSoon(AFTER_OPACITY_MS), { signal });
    this.patches = root.querySelector(".patches");
    this.legend = root.querySelector(".shift-legend");
    const choose = (name) => {
      this[name].addEventListener("change", () => {
        state[name] = this[name].value;
        view.update();
        outbox.tell();
      }, { signal });
    };
    choose("frame");
    choose("patches");
  }

  take({ paint, patches, frame }) {
    this.opacity.value = paint;
    this.patches.value = patches;
    this.frame.value = frame;
  }

  // The choice of what is painted where there is one, and what its colours mean.
  show() {
    const { data: { paired, palette, sides }, state } = this.view;
    const canBe = Boolean(sides[0].shifts);
    const wanted = state.patches === "shifts";
    this.patches.closest("label").hidden = !canBe && !wanted;
    this.legend.hidden = !wanted;
    if (!wanted) return;
    this.legend.replaceChildren(...(canBe ? keyOfShifts(paired, palette) : [NO_SHIFTS]));
  }
}

function keyOfShifts({ largest }, { shifts: [sooner, later] }) {
  const bar = document.createElement("i");
  bar.style.background = `linear-gradient(90deg, ${sooner}, #8882, ${later})`;
  const most = numberText(largest);
  return [
    `Merges come sooner in the other head −${most} `,
    bar,
    ` +${most} later, in 0.9 quantiles of each head's distances`,
  ];
}
