// Tabs with one picture a photo: barcode, dendrogram, distance matrix.

import { Barcode } from "./barcode.js";
import { Dendrogram } from "./dendrogram.js";
import { listenToBars, listenToMatrix } from "./events.js";
import { Matrix } from "./matrix.js";
import { canvasLabel } from "./words.js";

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
      this.listen(picture, k);
      return picture;
    });
    this.elements = [columns];
  }

  // Bars can be pointed at and selected.
  listen(picture, k) {
    listenToBars(this.view, picture, k, (x, y) => picture.barAt(x, y));
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

  listen(picture, k) {
    listenToMatrix(this.view, picture, k);
  }
}

function makeCanvas(tab, { letter }) {
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", canvasLabel(tab, letter));
  return canvas;
}
