// The large pictures: a layer's mean of heads, through which Play runs, or the head pointed at.

import { deviceRatio, sizedCanvas } from "./paint.js";
import { countsText, headName, headText, keyOf, meanName } from "./words.js";

const LAYER_MS = 900;
const BORDER_WIDTH = 1.2; // pixels of the page

export class Stage {
  // `changed` is called when another layer is shown.
  constructor(root, changed, signal) {
    this.find = (selector) => root.querySelector(selector);
    Object.assign(this, { changed, layer: null, pointed: null });
    this.figures = [...root.querySelectorAll("figure")];
    this.slider = this.find(".layer");
    this.button = this.find(".play");
    this.slider.addEventListener("input", () => {
      this.stop();
      this.showLayer(+this.slider.value);
    }, { signal });
    this.button.addEventListener("click", () => this.play(), { signal });
    this.still = globalThis.matchMedia("(prefers-reduced-motion: reduce)");
    this.still.addEventListener("change", () => this.stop(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    this.stop();
  }

  get key() {
    return this.pointed ?? keyOf(this.layer, "mean");
  }

  load(data) {
    this.data = data;
    // Two thirds of the depth, where objects are likely to be seen.
    if (this.layer === null) this.layer = Math.floor((2 * data.layers) / 3);
    this.layer = Math.min(this.layer, data.layers - 1);
    if (this.pointed && !data.cells[this.pointed]) this.pointed = null;
    this.slider.max = data.layers - 1;
    this.find(".player").hidden = data.layers < 2;
    this.figures.forEach((figure, k) => {
      const { letter, name } = data.sides[k];
      figure.querySelector("figcaption").textContent = `${letter}: ${name}, as the model sees it`;
    });
  }

  // The head that is pointed at, or null; Play isn't disturbed by it.
  point(key) {
    const pointed = this.timer ? null : key;
    if (pointed === this.pointed) return;
    this.pointed = pointed;
    this.draw();
  }

  showLayer(layer) {
    [this.layer, this.pointed] = [layer, null];
    this.draw();
    this.changed();
  }

  // The next layer whose mean is known, or null.
  next(after) {
    for (let layer = after + 1; layer < this.data.layers; layer++) {
      if (this.data.cells[keyOf(layer, "mean")]) return layer;
    }
    return null;
  }

  // Where motion isn't wanted a press goes on by one layer.
  play() {
    if (this.timer) return this.stop();
    const next = this.next(this.layer);
    const first = next === null ? this.next(-1) : next;
    if (first === null) return undefined;
    if (this.still.matches) return this.showLayer(first);
    this.label("Pause", true);
    return this.advance(next === null ? first : this.layer);
  }

  advance(layer) {
    this.showLayer(layer);
    const next = this.next(layer);
    if (next === null) this.stop();
    else this.timer = setTimeout(() => this.advance(next), LAYER_MS);
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    this.label(this.still.matches ? "Next layer" : "Play layers", false);
  }

  label(words, pressed) {
    this.button.textContent = words;
    this.button.setAttribute("aria-pressed", String(pressed));
  }

  // `sizes` are those of both pictures on the page; one that isn't shown has none.
  resize(sizes) {
    this.sizes = sizes;
  }

  setPhotos(photos) {
    this.photos = photos;
  }

  draw() {
    if (!this.sizes) return;
    const cell = this.data.cells[this.key];
    this.find(".stage-title").textContent = headName(this.key);
    this.find(".passing").hidden = this.pointed === null;
    this.find(".depth").textContent = meanName(this.layer);
    this.find(".stage-words").textContent = countsText(cell);
    this.slider.value = this.layer;
    const mean = keyOf(this.layer, "mean");
    this.slider.setAttribute("aria-valuetext", headText(mean, this.data.cells[mean]));
    this.figures.forEach((figure, k) => this.drawFigure(figure, k, cell));
  }

  drawFigure(figure, k, cell) {
    const size = this.sizes[k];
    figure.classList.toggle("away", !size);
    if (!size) return;
    const canvas = figure.querySelector("canvas");
    const { letter, name } = this.data.sides[k];
    canvas.setAttribute("aria-label", `Photo ${letter}, ${name}. ${headText(this.key, cell)}`);
    canvas.dataset.head = this.key;
    const ctx = sizedCanvas(canvas, ...size);
    const border = Math.round(BORDER_WIDTH * deviceRatio());
    const pixels = [canvas.width, canvas.height];
    this.photos?.[k].paint(ctx, 0, pixels, cell?.colours[k], border);
  }
}
