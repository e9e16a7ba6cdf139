// A face of the selection box: whether the model cares about what is selected.

import { askedOf, askFor, onAsked } from "./asked_store.js";
import { makeButton } from "./elements.js";
import { knockOutWords, regionOf } from "./knock_out_words.js";
import { drawShifts } from "./shifts_picture.js";
import { BUTTON_TIPS } from "./words.js";

const KNOCK_OUT = "knock-out";

export class KnockOutFace {
  constructor(view, picture, signal) {
    this.view = view;
    this.picture = picture;
    this.asks = null; // which patches, of which heads and side
    this.progress = document.createElement("progress");
    this.progress.setAttribute("aria-label", "Regions knocked out");
    onAsked(KNOCK_OUT, () => view.data && view.selectionBox.show(), signal);
  }

  // What is selected, at the present scale; made anew only where it has changed.
  get region() {
    const { data, state } = this.view;
    const { selection } = state;
    const leader = selection?.kind === "token" ? state.components(selection.side).leader : null;
    const make = () => regionOf(data, selection, leader);
    return state.madeOnce("region", [data, selection, leader], make);
  }

  // What is known of the side where the selection is.
  get side() {
    return askedOf(KNOCK_OUT, this.view.data)?.sides[this.region.side];
  }

  // The answer for these very patches, where it is there.
  get asked() {
    const { asked } = this.side;
    return asked && String(asked.patches) === String(this.region.patches) ? asked : null;
  }

  // Other heads, or other patches, weren't asked about.
  get isOpen() {
    const { asks, region } = this;
    return Boolean(
      region && asks?.id === this.view.data.id && asks.side === region.side &&
        asks.patches === String(region.patches) && this.side,
    );
  }

  // Where what was asked about is out of sight, nobody waits for it.
  settle() {
    if (!this.asks || this.isOpen) return;
    const { id, side } = this.asks;
    this.asks = null;
    if (askedOf(KNOCK_OUT, { id })?.sides[side].busy) this.wish("stop", side, []);
  }

  get why() {
    return this.side.note || this.asked?.note || "";
  }

  get isBusy() {
    return !this.why && (!this.asked || this.side.busy);
  }

  get isComplete() {
    return Boolean(this.why) || (!this.isBusy && this.asked.done === this.asked.total);
  }

  // What the buttons depend on.
  get key() {
    const offered = Boolean(this.region && this.side);
    return this.isOpen ? `${this.isBusy} ${this.isComplete}` : `${offered}`;
  }

  get words() {
    if (this.why) return { stand: this.why, counting: "" };
    return knockOutWords({ ...this.side, asked: this.asked }, this.region);
  }

  show() {
    const { asked } = this;
    const { done, total } = asked ?? {};
    if (total) {
      Object.assign(this.progress, { max: total, value: done });
      this.progress.title = `${done - 1} of ${total - 1} other regions`;
    } else this.progress.removeAttribute("value");
    this.picture.hidden = !asked?.text;
    if (this.drawn === asked || !asked?.text) return;
    this.drawn = asked;
    drawShifts(this.picture, asked);
  }

  ask() {
    const { region, view } = this;
    this.asks = { id: view.data.id, side: region.side, patches: String(region.patches) };
    if (!this.side.note) this.wish("ask", region.side, region.patches);
    view.update();
  }

  wish(act, side, patches) {
    const selection = this.view.state.selection?.text ?? "";
    askFor(KNOCK_OUT, this.view.data, { side, act, patches, selection });
  }

  // To this face, with how long it takes.
  get entrance() {
    if (!this.region || !this.side) return [];
    const { up_to: upTo } = this.side;
    const label = `Does the model care?${upTo && ` (up to ${upTo})`}`;
    return [makeButton(label, () => this.ask(), { title: BUTTON_TIPS.care, "data-face": "care" })];
  }

  close() {
    this.asks = null;
  }

  get buttons() {
    const { side, patches } = this.region;
    const back = makeButton("What it is", () => {
      if (this.isBusy) this.wish("stop", side, patches);
      this.close();
      this.view.update();
    }, { title: BUTTON_TIPS.what });
    const stop = () => [this.progress, makeButton("Stop", () => this.wish("stop", side, patches))];
    const goOn = () => [makeButton("Go on", () => this.wish("ask", side, patches))];
    return [...(this.isBusy ? stop() : this.isComplete ? [] : goOn()), back];
  }
}
