// A face of the selection box: whether what is selected is real.

import { askedOf, askFor, onAsked } from "./asked_store.js";
import { makeButton } from "./elements.js";
import { rankWords, subjectOf, unranked } from "./evidence_words.js";
import { BUTTON_TIPS } from "./words.js";

const EVIDENCE = "evidence";

export class EvidenceFace {
  constructor(view, signal) {
    this.view = view;
    this.asks = null; // in which heads, of which side
    this.progress = document.createElement("progress");
    this.progress.setAttribute("aria-label", "Draws of the nulls");
    onAsked(EVIDENCE, () => view.data && view.selectionBox.show(), signal);
  }

  get subject() {
    const { data, state } = this.view;
    return subjectOf(data, state.selection, (k) => state.components(k));
  }

  get evidence() {
    return askedOf(EVIDENCE, this.view.data);
  }

  // What is known of the side where the selection is.
  get side() {
    return this.evidence?.sides[this.subject.side];
  }

  get why() {
    const { data } = this.view;
    const { subject, evidence } = this;
    return unranked(data.sides[subject.side], subject, evidence, subject.side);
  }

  // Other heads, or the other side, weren't asked about.
  get isOpen() {
    const { subject, asks } = this;
    const { data } = this.view;
    return Boolean(subject && asks?.id === data.id && asks.side === subject.side && this.evidence);
  }

  get isComplete() {
    return Boolean(this.why || this.side.note) || this.side.done === this.side.total;
  }

  get isBusy() {
    return this.side.busy && !this.why;
  }

  // What the buttons depend on.
  get key() {
    const offered = Boolean(this.subject && this.evidence); // which may come late
    return this.isOpen ? `${this.isBusy} ${this.isComplete}` : `${offered}`;
  }

  get words() {
    if (this.why || this.side.note) return { stand: this.why || this.side.note, counting: "" };
    return rankWords(this.evidence, this.subject);
  }

  show() {
    const { done, total } = this.side;
    Object.assign(this.progress, { max: total, value: done });
    this.progress.title = `${done} of ${total} draws`;
  }

  ask() {
    this.asks = { id: this.view.data.id, side: this.subject.side };
    if (!this.isComplete) this.wish("ask");
    this.view.update();
  }

  wish(act) {
    askFor(EVIDENCE, this.view.data, { side: this.subject.side, act });
  }

  // To this face, where there is anything to be ranked.
  get entrance() {
    if (!this.subject || !this.evidence) return [];
    const label = this.view.state.selection.kind === "token" ? "Rank its component" : "Rank it";
    return [makeButton(label, () => this.ask(), { title: BUTTON_TIPS.real, "data-face": "real" })];
  }

  close() {
    this.asks = null;
  }

  get buttons() {
    const back = makeButton("What it is", () => {
      this.close();
      this.view.update();
    }, { title: BUTTON_TIPS.what });
    const stop = () => [this.progress, makeButton("Stop", () => this.wish("stop"))];
    const goOn = () => [makeButton("Go on", () => this.wish("ask"))];
    return [...(this.isBusy ? stop() : this.isComplete ? [] : goOn()), back];
  }
}
