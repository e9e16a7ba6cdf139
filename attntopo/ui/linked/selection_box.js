// What is selected, in words, and what can be done with it.

import { makeButton } from "./elements.js";
import { HEAT_WORDS, HEATS, selectionWords } from "./selection_words.js";
import { BUTTON_TIPS } from "./words.js";

export class SelectionBox {
  constructor(root, view, signal) {
    this.view = view;
    this.box = root.querySelector(".selection");
    this.more = root.querySelector(".more");
    this.more.title = BUTTON_TIPS.more;
    this.more.addEventListener("click", () => this.unfold(!this.unfolded), { signal });
    this.words = root.querySelector(".selection-words");
    this.tools = root.querySelector(".selection-tools");
  }

  // What there is to see where nothing is selected, as long as the scale isn't moved; and what
  // the distance between the photos is worth.
  explain(words, verdict) {
    this.explanation = { words, verdict, position: this.view.state.position };
  }

  get unfolded() {
    return this.box.classList.contains("unfolded");
  }

  // Where the window is low one line of it is shown, and the rest on request.
  unfold(all) {
    this.box.classList.toggle("unfolded", all);
    this.more.setAttribute("aria-expanded", String(all));
    this.more.textContent = all ? "Less" : "More";
  }

  // At each drawing: by then the words have their place.
  offerMore() {
    const { scrollHeight, clientHeight } = this.words;
    this.more.hidden = !this.unfolded && scrollHeight <= clientHeight;
  }

  show() {
    const { data, state } = this.view;
    const { selection, heat } = state;
    const { story } = this.view;
    const { words: seen, verdict, position } = this.explanation;
    const here = !selection && position === state.position ? seen : "";
    const plain = here || selectionWords(data, selection, heat, (k) => state.shown(k));
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
    const clear = makeButton("Clear selection", () => view.select(null), {
      title: BUTTON_TIPS.clear,
    });
    if (selection.kind === "token") return [...this.heatButtons(), clear];
    if (selection.kind === "pair") return [clear];
    const { born, dies, death } = this.bar(selection);
    const go = (label, step, title) => {
      const act = () => {
        view.moveTo(step);
        view.outbox.tell();
      };
      return makeButton(label, act, { title });
    };
    const jumps = [go("Go to its birth", born, BUTTON_TIPS.birth)];
    if (death !== null) {
      const last = Math.max(born, dies - 1);
      jumps.push(go("Go to just before its end", last, BUTTON_TIPS.end));
    }
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
      const [title, pressed] = [`On the photo: ${HEAT_WORDS[heat]}.`, String(heat === state.heat)];
      return makeButton(label, choose, { title, "aria-pressed": pressed });
    });
  }
}
