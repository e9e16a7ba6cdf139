// The Atlas in pictures: takes what Python sends, decides how large all is, says when to draw.

import { HeadGrid } from "./grid.js";
import { PaintedPhoto } from "./paint.js";
import { Stage } from "./stage.js";
import { captionOf } from "./words.js";

const NARROW = 560; // pixels; below, one photo is shown at a time
const WIDE = 820; // from here on the large pictures stand beside the small ones
const STAGE_GAP = 24;
// How wide the large pictures are, and how high at most, beside the small ones.
const stageIn = (width) => width < 1300 ? { room: 290, highest: 270 } : { room: 390, highest: 350 };
const LARGEST_ALONE = 320; // how high the large pictures are at most where they stand above
const NARROW_ROOM = 150; // on a phone, beside its words: the small ones are in sight too
const [LABEL, GAP, MEAN_GAP, BETWEEN_SIDES] = [34, 3, 8, 2];
const [LEAST, LEAST_BESIDE, MOST] = [24, 30, 104]; // height of a small picture

export class AtlasView {
  // `root` holds view.html.
  constructor(root) {
    this.root = root;
    this.frame = root.querySelector(".atlas");
    this.life = new AbortController();
    this.reading = root.querySelector(".reading");
    this.chosen = null; // the photo that is shown alone
    const { signal } = this.life;
    this.stage = new Stage(root, () => this.grid.markLayer(this.stage.layer), signal);
    this.grid = new HeadGrid(root, {
      point: (key) => this.stage.point(key),
      open: (key) => this.open(key),
    }, signal);
    const [both, ...switches] = root.querySelectorAll(".which button");
    Object.assign(this, { both, switches });
    [both, ...switches].forEach((button, k) => {
      button.addEventListener("click", () => {
        this.chosen = k ? k - 1 : null;
        this.draw();
      }, { signal });
    });
    document.addEventListener("attntopo-atlas", () => this.hear(), { signal });
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.frame);
  }

  // Called when the page is left.
  close() {
    this.life.abort();
    this.resized.disconnect();
    delete document.attntopoAtlas;
  }

  // What is sent with the page; a page that is drawn again may say less than was heard since.
  take(text) {
    if (text === this.text) return;
    this.text = text;
    const data = JSON.parse(text);
    if (data.id !== this.data?.id || countOf(data) > countOf(this.data)) this.load(data);
    this.hear();
  }

  // What comes while the page is still at work: of the same heads alone.
  hear() {
    const text = document.attntopoAtlas;
    if (!text || text === this.heard) return;
    const data = JSON.parse(text);
    if (data.id !== this.data?.id) return;
    this.heard = text;
    if (countOf(data) > countOf(this.data)) this.load(data);
  }

  load(data) {
    this.data = data;
    this.root.querySelector(".caption").textContent = captionOf(data);
    this.switches.forEach((button, k) => {
      button.textContent = `${data.sides[k].letter}: ${data.sides[k].name}`;
    });
    this.stage.load(data);
    this.grid.load(data);
    this.grid.markLayer(this.stage.layer);
    this.loadPhotos(data);
    this.draw();
  }

  async loadPhotos({ sides, palette }) {
    const source = sides.map(({ photo, grid }) => `${grid} ${photo}`).join();
    if (source === this.source) return;
    this.source = source;
    if (this.photos) this.setPhotos(null); // they have other patches
    const images = await Promise.all(sides.map(({ photo }) => decoded(photo)));
    if (this.source !== source || this.life.signal.aborted) return;
    this.setPhotos(images.map((image, k) => new PaintedPhoto(image, sides[k], palette)));
    this.draw();
  }

  setPhotos(photos) {
    this.photos = photos;
    this.stage.setPhotos(photos);
  }

  draw() {
    const width = this.frame.clientWidth;
    if (!this.data || !width) return;
    const alone = this.chosen ?? (width < NARROW ? 0 : null);
    const sides = alone === null ? [0, 1] : [alone];
    const { beside, height } = this.heights(width, sides);
    if (this.photos === undefined) this.reading.open = width >= NARROW; // until it was drawn once
    this.frame.style.setProperty("--stage", `${stageIn(width).room}px`);
    this.frame.classList.toggle("beside", beside);
    this.frame.classList.toggle("narrow", width < NARROW);
    this.both.setAttribute("aria-pressed", String(alone === null));
    this.switches.forEach((button, k) => {
      button.setAttribute("aria-pressed", String(k === alone));
    });
    this.stage.resize(this.stageSizes(width, sides, beside));
    this.stage.draw();
    this.grid.paint(this.photos, sides, height);
  }

  // How high the small pictures are, and whether the large ones have room beside them.
  heights(width, sides) {
    const ratios = sides.reduce((sum, k) => sum + this.data.sides[k].ratio, 0);
    const between = (sides.length - 1) * BETWEEN_SIDES;
    // Wide pictures may be lower, tall ones higher.
    const all = this.data.sides.map(({ ratio }) => ratio);
    const least = Math.round(LEAST / Math.max(1, ...all));
    const most = MOST / Math.max(0.5, Math.min(1, ...all));
    const heightIn = (room) => {
      const cell = (room - LABEL - MEAN_GAP) / (this.data.heads + 1) - GAP - between;
      return Math.floor(Math.min(most, cell / ratios));
    };
    const room = heightIn(width - stageIn(width).room - STAGE_GAP);
    const beside = width >= WIDE && room >= LEAST_BESIDE;
    return { beside, height: Math.max(least, beside ? room : heightIn(width)) };
  }

  stageSizes(width, sides, beside) {
    const above = width < NARROW
      ? { room: NARROW_ROOM, highest: NARROW_ROOM }
      : { room: (width - 12 * (sides.length - 1)) / sides.length, highest: LARGEST_ALONE };
    const { room, highest } = beside ? stageIn(width) : above;
    return this.data.sides.map(({ ratio }, k) => {
      if (!sides.includes(k)) return null;
      const height = Math.min(highest, room / ratio, 1.2 * room);
      return [Math.max(1, Math.floor(height * ratio)), Math.max(1, Math.floor(height))];
    });
  }
}

const countOf = (data) => Object.keys(data.cells).length;

async function decoded(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  return image;
}

// Streamlit calls it at every rerun, and what it returned last when the page is left. The view
// stays on the element: rebuilt at every rerun it would lose its layer and the focus.
export default function mount({ parentElement, data, setTriggerValue }) {
  const view = parentElement.atlasView ??= new AtlasView(parentElement);
  const call = view.lastCall = {};
  view.open = (key) => setTriggerValue("open", key);
  view.take(data.pictures);
  return () => {
    if (view.lastCall !== call) return; // a later call lives on
    view.close();
    delete parentElement.atlasView;
  };
}
