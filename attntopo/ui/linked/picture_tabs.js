// Tabs with one picture a photo: barcode, dendrogram, distance matrix.

import { Barcode } from "./barcode.js";
import { nameOf, stepOfPair } from "./data.js";
import { Dendrogram } from "./dendrogram.js";
import { Matrix } from "./matrix.js";
import { scaleText } from "./words.js";

class PictureTab {
  constructor(view, Picture) {
    this.view = view;
    const columns = document.createElement("div");
    columns.className = "columns";
    this.pictures = view.data.sides.map((side, k) => {
      const canvas = makeCanvas(view.state.tab, side);
      const title = document.createElement("h3");
      title.textContent = `${side.letter}: ${side.name}`;
      const box = document.createElement("div");
      box.append(title, canvas);
      columns.append(box);
      const picture = new Picture(canvas);
      this.listen(picture, canvas, k);
      return picture;
    });
    this.elements = [columns];
  }

  // Bars can be pointed at and selected.
  listen(picture, canvas, k) {
    const { view } = this;
    const barAt = (event) => picture.barAt(event.offsetX, event.offsetY);
    canvas.addEventListener("pointermove", (event) => view.hoverBar(k, barAt(event), event));
    canvas.addEventListener("pointerleave", () => view.hoverBar(k, null));
    canvas.addEventListener("click", (event) => view.selectBar(k, barAt(event)));
  }

  draw(shown, theme) {
    this.pictures.forEach((picture, k) => picture.draw(shown[k], theme, this.view.data, k));
  }
}

export class BarcodeTab extends PictureTab {
  constructor(view) {
    super(view, Barcode);
  }
}

export class DendrogramTab extends PictureTab {
  constructor(view) {
    super(view, Dendrogram);
  }
}

export class MatrixTab extends PictureTab {
  constructor(view) {
    super(view, Matrix);
  }

  // Pairs of tokens can be pointed at, and the first of them selected.
  listen(picture, canvas, k) {
    const { view } = this;
    const pairAt = (event) => picture.pairAt(event.offsetX, event.offsetY);
    canvas.addEventListener("pointermove", (event) => this.hoverPair(k, pairAt(event), event));
    canvas.addEventListener("pointerleave", () => {
      picture.pointer = null;
      view.hoverPoint(k, null);
    });
    canvas.addEventListener("click", (event) => {
      const pair = pairAt(event);
      if (pair) view.selectPoint(k, pair[0]);
    });
  }

  hoverPair(k, pair, event) {
    const { view } = this;
    view.state.hovered = pair && { side: k, points: pair };
    if (pair) view.tip.show(event, pairTip(view.data, view.data.sides[k], pair));
    else view.tip.hide();
    view.requestDraw();
  }
}

function makeCanvas(tab, { letter }) {
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  const words = `${tab} of ${letter}; the table of bars has the same for the keyboard.`;
  canvas.setAttribute("aria-label", words);
  return canvas;
}

function pairTip(data, side, [i, j]) {
  const joined = i === j
    ? "the same token"
    : `joined from the scale ${scaleText(data, stepOfPair(side, i, j))}`;
  return `${nameOf(side, i)}\n${nameOf(side, j)}\n${joined}`;
}
