// The tab with the matching between both diagrams.

import { counted } from "./counts.js";
import { nearestMark } from "./canvas.js";
import { makeButton, makeParagraph } from "./elements.js";
import { MatchingPicture } from "./matching_picture.js";
import { pairText } from "./selection.js";
import {
  distanceText,
  lengthText,
  matchingCaption,
  matchingMeaning,
  matchingPictureCaption,
} from "./words.js";

const REACH = 14;

export class MatchingTab {
  constructor(view) {
    this.view = view;
    this.name = view.state.matching;
    this.matching = view.data.matchings[this.name];
    const { pairs, note } = this.matching;
    const found = `Distance ${distanceText(this.matching)}, ${counted(pairs.length, "pair")}.`;
    const words = `${found} ${matchingMeaning(this.name)} ${note}`.trim();
    const canvas = document.createElement("canvas");
    canvas.className = "matching-canvas";
    canvas.setAttribute("role", "img");
    this.caption = matchingPictureCaption(this.name);
    canvas.setAttribute("aria-label", matchingCaption(this.name));
    this.picture = new MatchingPicture(canvas);
    this.listen(canvas);
    this.elements = [this.tools(), makeParagraph("caption matching-distance", words), canvas];
  }

  tools() {
    const row = document.createElement("div");
    row.className = "selection-tools";
    const { matchings } = this.view.data;
    row.append(...Object.keys(matchings).map((name) => this.matchingButton(name)));
    if (this.matching.pairs.length > 0) {
      row.append(
        makeButton("Largest step", () => this.selectPair(this.matching.attaining)),
        makeButton("◂", () => this.step(-1), { "aria-label": "Pair before" }),
        makeButton("▸", () => this.step(1), { "aria-label": "Next pair" }),
      );
    }
    return row;
  }

  matchingButton(name) {
    const label = name
      .replace(/^h(\d)-/, "H$1 ")
      .replace(/wasserstein-(\d)/, "$1-Wasserstein");
    const choose = () => {
      this.view.state.matching = name;
      this.view.panel.choose("matching");
    };
    const pressed = String(name === this.name);
    const title = matchingMeaning(name);
    const attributes = { "aria-pressed": pressed, "data-matching": name, "data-key": name, title };
    return makeButton(label, choose, attributes);
  }

  listen(canvas) {
    const { view, picture } = this;
    const at = (event) => nearestMark(picture.marks, event.offsetX, event.offsetY, REACH);
    canvas.addEventListener("click", (event) => {
      const mark = at(event);
      if (mark) this.selectPair(mark.number);
      else view.select(null);
    });
    canvas.addEventListener("pointermove", (event) => {
      const mark = at(event);
      if (!mark) return view.hovering.tip.hide();
      const cost = this.matching.costs[mark.number];
      return view.hovering.tip.show(event, `a step of ${lengthText(cost)}`);
    });
    canvas.addEventListener("pointerleave", () => view.hovering.tip.hide());
  }

  // From the pair that is selected, or from the largest step.
  step(by) {
    const { selection } = this.view.state;
    const { pairs, attaining } = this.matching;
    const number = selection?.matching === this.name ? selection.number + by : attaining;
    this.selectPair(Math.max(0, Math.min(pairs.length - 1, number)));
  }

  selectPair(number) {
    this.view.toggle(pairText(this.name, number));
  }

  draw([shown], theme) {
    this.picture.draw(shown, theme, this.view.data);
  }
}
