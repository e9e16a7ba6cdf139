// What the pointer is on, or the keyboard's cursor: marked in all pictures, and named in a tip.

import { Tip } from "./elements.js";
import { barTip, pairTip, pointTip } from "./words.js";

export class Hovering {
  constructor(root, view) {
    this.view = view;
    this.tip = new Tip(root);
  }

  get state() {
    return this.view.state;
  }

  side(k) {
    return this.view.data.sides[k];
  }

  name(event, words) {
    if (words) this.tip.show(event, words);
    else this.tip.hide();
  }

  point(k, point, event) {
    const { state, view } = this;
    const before = state.hovered;
    state.hovered = point === null ? null : { side: k, points: [point] };
    const words = () => pointTip(this.side(k), state.components(k), point, state.shifts(k));
    this.name(event, point !== null && words());
    const isSame = before?.side === state.hovered?.side &&
      before?.points[0] === state.hovered?.points[0] && before?.points.length !== 2;
    if (!isSame) view.requestDraw();
  }

  pair(k, pair, event) {
    this.state.hovered = pair && { side: k, points: pair };
    this.name(event, pair && pairTip(this.view.data, this.side(k), pair));
    this.view.requestDraw();
  }

  bar(k, bar, event) {
    const { dimension, number } = bar ?? {};
    this.state.hoveredBar = bar && { side: k, dimension, number };
    this.name(event, bar && barTip(this.side(k), bar));
    this.view.requestDraw();
  }
}
