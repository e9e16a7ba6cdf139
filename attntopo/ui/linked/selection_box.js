// What is selected, in words, and what can be done with it.

import { makeButton } from "./elements.js";
import { EvidenceFace } from "./evidence_face.js";
import { KnockOutFace } from "./knock_out_face.js";
import { HEAT_WORDS, HEATS, selectionWords } from "./selection_words.js";
import { BUTTON_TIPS, EVIDENCE_CAPTION } from "./words.js";

export class SelectionBox {
  constructor(root, view, signal) {
    this.view = view;
    this.box = root.querySelector(".selection");
    this.more = root.querySelector(".more");
    this.more.title = BUTTON_TIPS.more;
    this.more.addEventListener("click", () => this.unfold(!this.unfolded), { signal });
    this.words = root.querySelector(".selection-words");
    this.stand = this.words.appendChild(document.createTextNode(""));
    // What changes many times a second isn't read out.
    this.counting = this.words.appendChild(document.createElement("span"));
    this.counting.setAttribute("aria-hidden", "true");
    this.tools = root.querySelector(".selection-tools");
    this.picture = root.querySelector(".selection-picture");
    // What can be asked of what is selected; one of them is open, or none.
    this.faces = [new EvidenceFace(view, signal), new KnockOutFace(view, this.picture, signal)];
    root.querySelector(".evidence-caption").textContent = EVIDENCE_CAPTION;
  }

  // What there is to see, as long as neither the scale is moved nor anything else selected; and
  // what the distance between the photos is worth.
  explain(words, verdict) {
    const { position, selection } = this.view.state;
    this.explanation = { words, verdict, position, selected: selection?.text };
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
    const { story, state: { selection, heat } } = this.view;
    for (const face of this.faces) face.settle?.();
    const asked = story.words ? null : this.faces.find(({ isOpen }) => isOpen);
    this.picture.hidden = true;
    asked?.show();
    const { stand, counting } = asked?.words ?? { stand: this.plainWords(), counting: "" };
    // Written only where it changes: a screen reader reads out each change.
    if (this.stand.data !== stand) this.stand.data = stand;
    this.counting.textContent = counting;
    const keys = this.faces.map(({ key }) => key);
    const tools = story.words ? "story" : `${selection?.text} ${heat} ${keys}`;
    if (this.shownTools === tools) return;
    this.shownTools = tools;
    this.replaceTools(this.buttons(asked));
  }

  // The keyboard stays where it was, or comes to what has taken that place.
  replaceTools(buttons) {
    const { activeElement } = this.tools.getRootNode();
    const had = activeElement !== null && this.tools.contains(activeElement);
    this.tools.replaceChildren(...buttons);
    if (!had) return;
    const own = buttons.find(({ textContent }) => textContent === activeElement.textContent);
    (own ?? this.tools.querySelector("button"))?.focus();
  }

  plainWords() {
    const { story, data, state } = this.view;
    const { selection, heat } = state;
    const { words: seen, verdict, position, selected } = this.explanation;
    const here = selected === selection?.text && position === state.position ? seen : "";
    const said = () => selectionWords(data, selection, heat, (k) => state.shown(k));
    const plain = selection && here ? `${here}\n${said()}` : here || said();
    return story.words ?? (selection || !verdict ? plain : `${plain} ${verdict}`);
  }

  buttons(asked) {
    const { view } = this;
    const { selection } = view.state;
    if (view.story.words) return view.story.buttons;
    if (!selection) return [];
    const clear = makeButton("Clear selection", () => view.select(null), {
      title: BUTTON_TIPS.clear,
    });
    const questions = this.questionsBut(asked);
    if (asked) return [...asked.buttons, ...questions, clear];
    if (selection.kind === "token") return [...this.heatButtons(), ...questions, clear];
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
    return [...questions, ...jumps, clear];
  }

  // The ways to all faces but the one that is open, which then closes.
  questionsBut(asked) {
    const questions = this.faces.flatMap((face) => face === asked ? [] : face.entrance);
    for (const one of questions) {
      one.addEventListener("click", () => asked?.close(), { capture: true });
    }
    return questions;
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
