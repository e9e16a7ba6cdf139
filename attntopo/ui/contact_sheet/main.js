// The contact sheet: takes what Python sends, holds what is chosen, says when to draw.

import { SheetPhotos } from "./cells.js";
import { shareAt } from "../linked/data.js";
import { Silence } from "../linked/silence.js";
import { SheetControls } from "./controls.js";
import { shareText, sortedIds, stepOf, stepText } from "./numbers.js";
import { headOf, onSheet } from "./store.js";

const AFTER_CHOICE_MS = 60; // until what was chosen is sent, unless something else is meanwhile

export class ContactSheet {
  // `root` holds view.html.
  constructor(root) {
    this.frame = root.querySelector(".sheet");
    this.about = root.querySelector(".about");
    this.state = { step: null, share: 9000, sort: ["order", "up"] };
    this.life = new AbortController();
    const { signal } = this.life;
    const notice = root.querySelector(".silent");
    this.silence = new Silence(notice, () => this.addressNow(), signal);
    this.photos = new SheetPhotos(root, this, (id) => this.open(this.choice(id)), signal);
    this.controls = new SheetControls(root, this, {
      slid: () => this.drawSoon(),
      chosen: () => this.choose(),
    }, signal);
    onSheet(() => this.arrive(), signal);
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(this.frame);
  }

  // Called when the page is left.
  close() {
    this.life.abort();
    this.resized.disconnect();
    clearTimeout(this.timer);
  }

  take(data) {
    this.data = data;
    this.labels = new Map(data.columns);
    if (this.revision !== data.revision) {
      this.revision = data.revision;
      this.state = { ...data.now };
    }
    this.controls.load(data);
    this.photos.load(data);
    this.resize();
    this.arrive();
  }

  resize() {
    if (!this.data || !this.frame.clientWidth) return;
    this.photos.resize();
    this.photos.paint();
  }

  // More photos or heads may be there.
  arrive() {
    if (!this.data) return;
    this.heads = this.data.photos.map(({ id }) => headOf(this.data.of, id)).filter(Boolean);
    this.controls.show();
    this.arrange();
    this.photos.paint();
  }

  arrange() {
    const { photos } = this.data;
    const [column] = this.state.sort;
    const valueOf = (id) => this.photos.shown(this.photos.cells.get(id))?.numbers[column];
    this.photos.arrange(sortedIds(photos, this.state.sort, valueOf));
    this.photos.name();
    const known = this.heads.length;
    const soFar = known < photos.length ? `${known} of ${photos.length}` : photos.length;
    this.about.textContent = `${soFar} photos. Point at one for its numbers; click it, or press ` +
      "Enter, to open it in Compare.";
  }

  drawSoon() {
    this.frameAsked ??= requestAnimationFrame(() => {
      this.frameAsked = null;
      this.photos.paint();
    });
  }

  choose() {
    this.arrange();
    this.photos.paint();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell({ ...this.state }), AFTER_CHOICE_MS);
  }

  // The step from which on all photos are one component.
  lastStep() {
    return Math.max(0, ...this.heads.map(({ tree: { steps } }) => steps[steps.length - 1] ?? 0));
  }

  // Where the other way of sliding begins: as much has merged as now, of all photos together.
  shareNow() {
    return this.heads.length ? shareAt(this.heads, this.state.step) : 9000;
  }

  stepNow() {
    const steps = this.heads.map((head) => stepOf(head, this.state)).sort((a, b) => a - b);
    return steps[Math.floor(steps.length / 2)] ?? 0;
  }

  choice(id) {
    return { id, step: this.state.step, share: this.state.share };
  }

  // What photos are painted at, as addresses say it.
  shown() {
    const { step, share } = this.state;
    const scale = step === null ? {} : { scale: stepText(step) };
    return share === null ? scale : { ...scale, share: shareText(share) };
  }

  // Of this page at what is chosen now.
  addressNow() {
    const address = new URL(location.href);
    address.searchParams.delete("share");
    const said = { ...this.shown(), sheet: this.state.sort.join("-") };
    for (const [name, value] of Object.entries(said)) address.searchParams.set(name, value);
    return address;
  }

  // Of Compare with a photo at what it is painted at.
  addressOf(id) {
    const address = new URL(location.href);
    address.pathname = address.pathname.replace(/collection\/?$/, "compare");
    const { share: _, ...link } = this.data.link;
    const a = this.data.photos.find((one) => one.id === id).link;
    const said = { ...link, a, ...this.shown() };
    return `${address.pathname}?${new URLSearchParams(said)}`;
  }
}

// Streamlit calls it at every rerun, and what it returned last when the page is left. The view
// stays on the element: rebuilt at every rerun it would lose its state and the focus.
export default function mount({ parentElement, data: [data], setStateValue, setTriggerValue }) {
  const view = parentElement.contactSheet ??= new ContactSheet(parentElement);
  const call = view.lastCall = {};
  const send = (set, name, value) => {
    set(name, value);
    view.silence.expectAnswer();
  };
  view.tell = (state) => send(setStateValue, "now", state);
  view.open = (choice) => send(setTriggerValue, "open", choice);
  if (view.data && view.data !== data) view.silence.hear(); // the page was run meanwhile
  view.take(data);
  return () => {
    if (view.lastCall !== call) return; // a later call lives on
    view.close();
    delete parentElement.contactSheet;
  };
}
