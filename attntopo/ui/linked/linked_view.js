// The view itself: takes what Python sends, passes on what the visitor does, says when to draw.

import { writeAddress } from "./address.js";
import { onAnswers, takeAnswers } from "./answer_store.js";
import { readTheme } from "./canvas.js";
import { Curves } from "./curves.js";
import { decode, tokenOf } from "./data.js";
import { Display } from "./display.js";
import { Dock } from "./dock.js";
import { markTab, moveAlongTabs } from "./elements.js";
import { listenToPhoto, listenToScene } from "./events.js";
import { onHeads, packedHeads } from "./head_store.js";
import { Hovering } from "./hovering.js";
import { Numbers } from "./numbers.js";
import { Outbox } from "./outbox.js";
import { Panel } from "./panel.js";
import { PhotoPicture } from "./photo.js";
import { PhotoChoice } from "./photo_choice.js";
import { ScaleControls } from "./scale_controls.js";
import { Scene } from "./scene.js";
import { barText, tokenText } from "./selection.js";
import { SelectionBox } from "./selection_box.js";
import { Silence } from "./silence.js";
import { Story } from "./story.js";
import { Turns } from "./turns.js";
import { ViewState } from "./view_state.js";
import { canvasLabel, countsText, curvesCaption, photosCaption, sceneCaption } from "./words.js";

const REST_MS = 150; // without motion, after which all edges are drawn in 3D

export class LinkedView {
  // `root` holds view.html.
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.life = new AbortController(); // listeners, frames and timers end with it
    this.state = new ViewState();
    this.frames = 0;
    this.turns = new Turns();
    this.revision = -1;
    const { signal } = this.life;
    this.hovering = new Hovering(root, this);
    const silence = new Silence(this.find(".silent"), () => this.address(), signal);
    this.outbox = new Outbox(() => this.message(), silence, signal);
    this.controls = new ScaleControls(root, this, signal);
    this.numbers = new Numbers(root, this);
    this.story = new Story(root, this, signal);
    this.curves = new Curves(this.find(".curves-canvas"));
    this.makeParts(signal);
    const boxes = this.parts.map(({ box }) => box.querySelector(".photo-box"));
    this.dock = new Dock(root, boxes, () => this.requestDraw(), signal);
    this.selectionBox = new SelectionBox(root, this, signal);
    this.panel = new Panel(root, this);
    this.display = new Display(root, this, signal);
    this.listen(signal);
  }

  get data() {
    return this.state.data;
  }

  // One photo and one 1-skeleton a side.
  makeParts(signal) {
    this.parts = [0, 1].map((k) => {
      const box = this.find(".side-template").content.firstElementChild.cloneNode(true);
      const choose = (name) => this.choosePhoto({ side: "ab"[k], name });
      const choice = new PhotoChoice(box, "AB"[k], choose, signal);
      return { box, choice, photo: new PhotoPicture(box, signal), scene: new Scene(box) };
    });
    this.find(".sides").replaceChildren(...this.parts.map(({ box }) => box));
  }

  listen(signal) {
    onHeads(() => this.fetch(), signal);
    onAnswers(() => this.takeAnswers(), signal);
    // What has been drawn in another font is drawn anew.
    document.fonts.addEventListener("loadingdone", () => this.readTheme(), { signal });
    // Whoever copies the link wants what is shown, though the server may not have heard of it yet.
    addEventListener("attntopo-address", ({ detail }) => this.addTo(detail), { signal });
    for (const button of this.root.querySelectorAll(".which button")) {
      button.addEventListener("click", () => this.showSide(+button.dataset.side), { signal });
    }
    moveAlongTabs(this.find(".which"), signal);
    this.parts.forEach((part, k) => {
      listenToPhoto(this, part.photo, k, signal);
      listenToScene(this, part, k, signal);
    });
  }

  // Called when the page is left.
  close() {
    this.life.abort();
    clearTimeout(this.rest);
    cancelAnimationFrame(this.requested);
  }

  // What Python sends: which heads, and where it has news all else that is to be shown.
  take(message) {
    this.received = message;
    this.parts.forEach(({ choice }, k) => choice.load(message.photos[k]));
    if (this.head === message.head) this.show(message);
    else this.fetch();
  }

  // The heads' numbers may come before or after what is said of them.
  async fetch() {
    const { head } = this.received ?? {};
    const packed = head !== this.head && packedHeads(head);
    if (!packed) return;
    const data = await decode(packed);
    // Meanwhile others may have been asked for, or these have come twice.
    if (this.received.head !== head || this.head === head || this.life.signal.aborted) return;
    const before = this.data?.id;
    this.head = head;
    takeAnswers(data);
    this.load(data);
    this.show(this.received, before !== data.id);
  }

  takeAnswers() {
    if (!takeAnswers(this.data)) return;
    this.state.made = {};
    if (this.state.tab === "bars") this.panel.fill();
    this.update();
  }

  show({ caveats, seen_here, verdict, revision, now, seen }, others = false) {
    Object.assign(this.find(".caveats"), { textContent: caveats, hidden: !caveats });
    // News is old where the visitor has moved since Python last heard of it, in these very heads.
    const { sent, pending } = this.outbox;
    const news = revision > this.revision && seen >= sent && !pending;
    if (others || news) {
      this.revision = revision;
      this.takeNow(now);
    }
    this.readTheme();
    this.selectionBox.explain(seen_here, verdict);
    this.update();
  }

  readTheme() {
    this.theme = readTheme(this.find(".linked"));
    this.requestDraw();
  }

  takeNow({ step, share, pick, look }) {
    this.controls.stop();
    this.state.takeScale(step, share);
    if (!this.outbox.pending) this.takeDisplayOptions(look);
    this.state.selection = this.state.parse(pick);
  }

  load(data) {
    if (this.data) this.controls.stop();
    this.state.load(data);
    this.hasNewHeads = true;
    this.controls.load(data);
    this.parts.forEach((part, k) => this.loadPart(part, data.sides[k], k));
    const captions = { photos: photosCaption, scene: sceneCaption, curves: curvesCaption };
    for (const of in captions) this.find(`.${of}-caption`).textContent = captions[of](data);
    this.panel.fill();
    this.find(".linked").inert = false;
  }

  loadPart({ photo, scene }, side, k) {
    const { letter, name } = side;
    this.find(`.which [data-side="${k}"]`).textContent = `${letter}: ${name}`;
    photo.load(side, () => this.requestDraw());
    scene.load(side);
    photo.canvas.setAttribute("aria-label", canvasLabel("photo", letter));
    scene.canvas.setAttribute("aria-label", canvasLabel("scene", letter));
  }

  // What a link carries besides the scale and the selection, by its names there.
  displayOptions() {
    const [camera_a, camera_b] = this.parts.map(({ scene }) => scene.camera());
    return { ...this.state.displayOptions(), camera_a, camera_b };
  }

  takeDisplayOptions(options) {
    this.state.takeDisplayOptions(options);
    this.parts[0].scene.setCamera(options.camera_a);
    this.parts[1].scene.setCamera(options.camera_b);
    this.display.take(options);
    this.panel.fill();
  }

  // What goes up: its names are those that Python and old links know.
  message() {
    const { selection, automatic, step, share } = this.story.before ?? this.state;
    const [pick, scale] = [selection?.text ?? "none", automatic ? null : step];
    return { id: this.data.id, scale, share, pick, look: this.displayOptions() };
  }

  address() {
    const address = new URL(location.href);
    this.addTo(address);
    return address;
  }

  addTo(address) {
    if (this.data) writeAddress(address, this.data, this.message());
  }

  selectPoint(k, point) {
    if (point === null) this.select(null);
    else this.toggle(tokenText(k, tokenOf(this.data.sides[k], point)));
  }

  selectBar(k, bar) {
    if (bar) this.toggle(barText(k, bar));
    else this.select(null);
  }

  toggle(text) {
    this.select(this.state.selection?.text === text ? null : this.state.parse(text));
  }

  // What the visitor selects is brought into view; a link says itself what is in view.
  select(selection) {
    this.story.end();
    this.state.selection = selection;
    if (selection && selection.kind !== "pair") this.state.side = selection.side;
    this.update();
    this.outbox.tell();
  }

  showSide(k) {
    this.story.end();
    this.state.side = k;
    this.update();
    this.outbox.tell();
  }

  moveTo(step) {
    this.state.moveTo(step);
    this.update();
  }

  goToObjects(own) {
    this.state.goToObjects(own);
    this.update();
  }

  // While more is to come: to a step of the scale, or a share where that leads.
  slideTo(position) {
    this.inMotion();
    this.state.slideTo(position);
    this.update();
  }

  // While things move fewer edges are drawn in 3D; all of them after a moment of rest.
  inMotion() {
    this.state.moving = true;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      this.state.moving = false;
      this.requestDraw();
    }, REST_MS);
  }

  // Everything that isn't a canvas; then the canvases at the next frame.
  update() {
    const { data, state } = this;
    for (const part of [this.controls, this.numbers, this.display]) part.show();
    this.parts.forEach(({ box }, k) => {
      const words = countsText(data.sides[k], state.components(k), state.stepOf(k));
      box.querySelector(".counts").textContent = words;
      box.classList.toggle("away", state.side !== k);
      this.dock.minis[k].classList.toggle("away", state.side !== k);
      markTab(this.find(`.which [data-side="${k}"]`), state.side === k);
    });
    this.selectionBox.show();
    this.requestDraw();
  }

  requestDraw() {
    if (this.requested || !this.data || this.life.signal.aborted) return;
    this.requested = requestAnimationFrame(() => {
      this.requested = null;
      this.draw();
    });
  }

  draw() {
    const { state, theme } = this;
    const shown = [state.shown(0), state.shown(1)];
    const sides = [0, 1].filter((k) => this.parts[k].box.offsetParent); // on a phone one
    for (const k of sides) this.parts[k].photo.draw(shown[k], theme);
    this.frames++;
    const areNew = this.hasNewHeads;
    this.hasNewHeads = false;
    if (areNew) return this.requestDraw(); // photos are looked at first; the rest takes as long
    const others = sides.map((k) => () => this.parts[k].scene.draw(shown[k], theme));
    this.turns.draw([...others, () => this.panel.draw(shown, theme)], !state.moving);
    this.selectionBox.offerMore();
    this.dock.draw(this.parts.map(({ photo }) => photo));
    this.curves.draw(state, this.controls.range, theme);
  }
}
