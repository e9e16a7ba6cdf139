// The bar over the sheet: what the slider goes by, the slider, and how photos are sorted.

import { positionWords } from "./numbers.js";

const WHOLE_SCALE_STOPS = 400; // about: a stop is a whole number of thousandths, or of steps
const SHARE_STOP = 10; // hundredths of a percent
const COARSE_STOP = 100; // steps: a thousandth

export class SheetControls {
  // `view` has the state; `slid` is called at each move, `chosen` once one has chosen.
  constructor(root, view, { slid, chosen }, signal) {
    Object.assign(this, { view, slid, chosen });
    this.find = (selector) => root.querySelector(selector);
    this.range = this.find(".range");
    this.columns = this.find(".column");
    this.way = this.find(".way");
    this.leaders = [...root.querySelectorAll("[data-lead]")];
    const listen = (element, kind, act) => element.addEventListener(kind, act, { signal });
    listen(this.range, "input", () => this.slide(+this.range.value));
    listen(this.range, "change", () => this.chosen());
    for (const button of this.leaders) {
      listen(button, "click", () => this.leadBy(button.dataset.lead));
    }
    listen(this.columns, "change", () => this.sortBy([this.columns.value, this.startWay()]));
    listen(this.way, "click", () => {
      const [column, way] = view.state.sort;
      this.sortBy([column, way === "up" ? "down" : "up"]);
    });
  }

  // Names and the order begin at the beginning, numbers with the largest.
  startWay() {
    return ["order", "name"].includes(this.columns.value) ? "up" : "down";
  }

  load({ columns }) {
    const sent = JSON.stringify(columns);
    if (this.sent === sent) return;
    this.sent = sent;
    this.columns.replaceChildren(...columns.map(([key, label]) => new Option(label, key)));
  }

  slide(value) {
    const { state } = this.view;
    Object.assign(state, state.share === null ? { step: value } : { share: value });
    this.show();
    this.slid();
  }

  leadBy(what) {
    const { view } = this;
    if ((what === "share") === (view.state.share !== null)) return;
    Object.assign(
      view.state,
      what === "share"
        ? { share: view.shareNow(), step: null }
        : { share: null, step: view.stepNow() },
    );
    this.show();
    this.slid();
    this.chosen();
  }

  sortBy(sort) {
    this.view.state.sort = sort;
    this.show();
    this.chosen();
  }

  // Where the slider ends: where all of the photos are one component, or at what is chosen.
  show() {
    const { state } = this.view;
    const byShare = state.share !== null;
    const most = Math.max(this.view.lastStep(), state.step ?? 0, 1);
    const stop = most > COARSE_STOP * (WHOLE_SCALE_STOPS / 20) ? COARSE_STOP : 1;
    const last = byShare ? 10000 : Math.ceil(most / stop) * stop;
    const onGrid = byShare ? state.share % SHARE_STOP === 0 : state.step % stop === 0;
    const step = byShare ? SHARE_STOP : stop;
    Object.assign(this.range, { min: 0, max: last, step: onGrid ? step : 1 });
    this.range.value = byShare ? state.share : state.step;
    const words = positionWords(state);
    this.find(".position").textContent = words;
    this.range.setAttribute("aria-label", byShare ? "Share of merges that have happened" : "Scale");
    this.range.setAttribute("aria-valuetext", words);
    for (const button of this.leaders) {
      button.setAttribute("aria-pressed", String((button.dataset.lead === "share") === byShare));
    }
    const [column, way] = state.sort;
    this.columns.value = column;
    this.way.textContent = way === "up" ? "Ascending" : "Descending";
    this.way.title = way === "up" ? "Sort the largest first" : "Sort the least first";
  }
}
