// What is selected, in words, and what can be done with it.

import { makeButton } from "./elements.js";
import { HEATS, selectionWords } from "./words.js";

export class SelectionBox {
  constructor(root, view) {
    this.view = view;
    this.words = root.querySelector(".selection-words");
    this.tools = root.querySelector(".selection-tools");
  }

  // What there is to see where nothing is selected, as long as the scale isn't moved; and what
  // the distance between the photos is worth.
  explain(words, verdict) {
    this.explanation = { words, verdict, position: this.view.state.position };
  }

  show() {
    const { data, state } = this.view;
    const { selection, heat } = state;
    const shown = [state.shown(0), state.shown(1)];
    const { story } = this.view;
    const { words: seen, verdict, position } = this.explanation;
    const here = !selection && position === state.position ? seen : "";
    const plain = here || selectionWords(data, selection, heat, shown);
    const words = story.words ?? (selection || !verdict ? plain : `${plain} ${verdict}`);
    // Written only where it changes: a screen reader reads out each change.
    if (this.words.textContent !== words) this.words.textContent = words;
    const tools = story.words ? "story" : `${selection?.text} ${heat}`;
    if (this.shownTools === tools) return;
    this.shownTools = tools;
    this.tools.replaceChildren(...this.buttons());
  }

  buttons() {
    const { view } = this;
    const { selection } = view.state;
    if (view.story.words) return view.story.buttons;
    if (!selection) return [];
    const clear = makeButton("Clear selection", () => view.select(null));
    if (selection.kind === "token") return [...this.heatButtons(), clear];
    if (selection.kind === "pair") return [clear];
    const { born, dies, death } = this.bar(selection);
    const go = (label, step) =>
      makeButton(label, () => {
        view.moveTo(step);
        view.outbox.tell();
      });
    const jumps = [go("Go to its birth", born)];
    if (death !== null) jumps.push(go("Go to just before its end", Math.max(born, dies - 1)));
    return [...jumps, clear];
  }

  bar({ side, dimension, number }) {
    return this.view.data.sides[side].bars[dimension][number];
  }

  heatButtons() {
    const { state } = this.view;
    return HEATS.map(([heat, label]) => {
      const choose = () => {
        state.heat = heat;
        this.view.update();
        this.view.outbox.tell();
      };
      return makeButton(label, choose, { "aria-pressed": String(heat === state.heat) });
    });
  }
}
