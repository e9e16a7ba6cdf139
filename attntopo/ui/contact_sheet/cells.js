// The photos of the sheet: painted where they are in sight, and one stop of the Tab key.

import { deviceRatio, FollowingCanvas, PaintedPhoto } from "../atlas_view/paint.js";
import {
  columnText,
  lettersOf,
  photoText,
  saidColumn,
  shortName,
  shownAt,
  stepOf,
} from "./numbers.js";
import { headOf, pictureOf } from "./store.js";
import { tilesOf } from "./tiles.js";

const NEARBY = "300px"; // photos so far out of sight are painted, too

export class SheetPhotos {
  // `view` has data and state; `open` is told the photo that is chosen.
  constructor(root, view, open, signal) {
    Object.assign(this, { view, open, cells: new Map(), seen: new Set() });
    this.list = root.querySelector(".photos");
    this.tip = root.querySelector(".tip");
    this.frame = root.querySelector(".sheet");
    const listen = (kind, act) => this.list.addEventListener(kind, act, { signal });
    listen("click", (event) => this.click(event));
    listen("keydown", (event) => this.press(event));
    listen("focusin", ({ target }) => this.focus(target.closest(".cell")));
    listen("focusout", () => this.leave());
    listen("pointermove", (event) => this.hover(event));
    listen("pointerleave", () => this.leave());
    this.watch = new IntersectionObserver((entries) => this.look(entries), { rootMargin: NEARBY });
    signal.addEventListener("abort", () => this.watch.disconnect());
  }

  load({ photos }) {
    const ids = new Set(photos.map(({ id }) => id));
    for (const [id, cell] of this.cells) {
      if (ids.has(id)) continue;
      this.watch.unobserve(cell.link);
      this.seen.delete(cell);
      this.cells.delete(id);
    }
    for (const photo of photos) {
      if (!this.cells.has(photo.id)) this.cells.set(photo.id, this.newCell(photo));
    }
  }

  newCell(photo) {
    const link = document.createElement("a");
    Object.assign(link, { className: "cell", tabIndex: -1 });
    link.dataset.id = photo.id;
    link.innerHTML = '<span class="frame"><canvas></canvas></span>' +
      '<span class="name"></span><span class="value"></span>';
    link.querySelector(".name").textContent = shortName(photo.name);
    const place = document.createElement("li");
    place.append(link);
    const [canvas, value] = ["canvas", ".value"].map((one) => link.querySelector(one));
    const cell = { ...photo, link, place, canvas, value };
    this.watch.observe(link);
    return cell;
  }

  look(entries) {
    const byLink = new Map([...this.cells.values()].map((cell) => [cell.link, cell]));
    for (const { target, isIntersecting } of entries) {
      const cell = byLink.get(target);
      if (!cell) continue;
      if (isIntersecting) this.seen.add(cell);
      else this.seen.delete(cell);
    }
    this.paint();
  }

  // Put the photos into an order; the one with the focus keeps it.
  arrange(ids) {
    const order = ids.join();
    if (order !== this.order) {
      this.order = order;
      const focused = this.list.getRootNode().activeElement?.closest?.(".cell");
      this.list.replaceChildren(...ids.map((id) => this.cells.get(id).place));
      focused?.focus({ preventScroll: true });
    }
    this.ids = ids;
    if (!this.cells.has(this.current)) this.current = ids[0];
    for (const [id, { link }] of this.cells) link.tabIndex = id === this.current ? 0 : -1;
  }

  resize() {
    const [count, width] = [this.cells.size, this.list.clientWidth - 4];
    // What comes and goes above the sheet, or a phone's bars, don't change the tiles.
    const fitted = `${count} ${width}`;
    if (this.fitted !== fitted) this.tiles = tilesOf(count, width, this.room());
    this.fitted = fitted;
    const { columns, width: wide, height } = this.tiles;
    this.list.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    for (const { link } of this.cells.values()) link.firstChild.style.height = `${height}px`;
    Object.assign(this, { columns, width: wide, height });
  }

  // How high the window is from the list's top on, where the page isn't scrolled.
  room() {
    const scrolled = document.querySelector('[data-testid="stMain"]')?.scrollTop ?? 0;
    return globalThis.innerHeight - this.list.getBoundingClientRect().top - scrolled;
  }

  // What there is to see of a photo now: its step, its components and numbers; null until then.
  shown(cell) {
    const { data, state } = this.view;
    const head = headOf(data.of, cell.id);
    if (!head) return null;
    const step = stepOf(head, state);
    if (cell.head !== head || cell.step !== step) {
      const { components, numbers } = shownAt(head, step);
      cell.letters = lettersOf(components, head, data.letters);
      cell.now = { step, numbers: { ...head.features, ...numbers } };
      Object.assign(cell, { head, step });
    }
    return cell.now;
  }

  paint() {
    if (!this.width || !this.view.data) return;
    for (const cell of this.seen) this.paintCell(cell);
  }

  paintCell(cell) {
    const shown = this.shown(cell);
    this.describe(cell, shown);
    if (!cell.image) {
      this.read(cell);
      return;
    }
    if (!cell.picture || cell.paintedHead !== cell.head) {
      const { grid = [1, 1], box } = cell.head ?? {};
      const photo = new PaintedPhoto(cell.image, { grid, box }, this.view.data.palette);
      cell.picture = new FollowingCanvas(cell.canvas, photo);
      cell.paintedHead = cell.head;
    }
    cell.picture.paint(this.sizeOf(cell.image), shown && cell.letters, Math.round(deviceRatio()));
  }

  sizeOf({ width, height }) {
    const scale = Math.min(this.width / width, this.height / height);
    return [width, height].map((side) => Math.max(1, Math.round(scale * side)));
  }

  async read(cell) {
    const picture = pictureOf(cell.id);
    if (!picture || cell.reading === picture) return;
    cell.reading = picture;
    cell.image = await createImageBitmap(picture);
    this.paint();
  }

  // The number beneath a photo follows the slider.
  describe(cell, shown) {
    const { state, labels } = this.view;
    const column = saidColumn(state);
    const said = shown ? columnText(column, shown.numbers[column], labels.get(column)) : "…";
    if (cell.said === said) return;
    cell.said = cell.value.textContent = said;
    cell.link.classList.toggle("unknown", !shown);
  }

  wordsOf(cell) {
    const { state: { sort: [column] }, labels } = this.view;
    const shown = this.shown(cell);
    return photoText(cell.name, shown, shown?.step, column, labels.get(column));
  }

  // What is read out: said anew when the slider rests, as a move has many of them.
  name() {
    for (const cell of this.cells.values()) {
      cell.link.setAttribute("aria-label", `${this.wordsOf(cell).join(". ")}.`);
    }
  }

  click(event) {
    const link = event.target.closest(".cell");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault(); // the page would be loaded anew, and the session lost
    this.open(link.dataset.id);
  }

  press(event) {
    const link = event.target.closest(".cell");
    if (!link) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.open(link.dataset.id);
      return;
    }
    const [place, last] = [this.ids.indexOf(link.dataset.id), this.ids.length - 1];
    const keys = {
      ArrowLeft: place - 1,
      ArrowRight: place + 1,
      ArrowUp: place - this.columns,
      ArrowDown: place + this.columns,
      Home: 0,
      End: last,
    };
    if (!(event.key in keys)) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(last, keys[event.key]));
    this.cells.get(this.ids[next]).link.focus();
  }

  focus(link) {
    if (!link) return;
    const before = this.cells.get(this.current);
    if (before) before.link.tabIndex = -1;
    this.current = link.dataset.id;
    link.tabIndex = 0;
    const [box, frame] = [link.getBoundingClientRect(), this.frame.getBoundingClientRect()];
    if (link.matches(":focus-visible")) {
      this.point(link, box.left - frame.left, box.bottom - frame.top + 4);
    }
  }

  hover(event) {
    const link = event.target.closest(".cell");
    if (!link || event.pointerType === "touch") return;
    const frame = this.frame.getBoundingClientRect();
    this.point(link, event.clientX - frame.left + 14, event.clientY - frame.top + 16);
  }

  point(link, left, top) {
    const cell = this.cells.get(link.dataset.id);
    this.paintCell(cell);
    link.href = this.view.addressOf(cell.id);
    this.tip.hidden = false;
    this.tip.textContent = this.wordsOf(cell).join("\n");
    this.tip.style.left = `${Math.max(0, Math.min(left, this.frame.clientWidth - 240))}px`;
    this.tip.style.top = `${top}px`;
  }

  leave() {
    this.tip.hidden = true;
  }
}
