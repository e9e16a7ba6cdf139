// Tab with the persistence diagrams of both photos.

import { Diagram } from "./diagram.js";
import { listenToDiagram } from "./events.js";
import { canvasLabel } from "./words.js";

export class DiagramsTab {
  constructor(view) {
    this.view = view;
    const columns = document.createElement("div");
    columns.className = "columns";
    this.diagrams = view.data.sides.map(({ letter }, k) => {
      const canvas = document.createElement("canvas");
      canvas.className = "diagram-canvas";
      canvas.tabIndex = 0;
      canvas.setAttribute("role", "application");
      canvas.setAttribute("aria-label", canvasLabel("diagram", letter));
      columns.append(canvas);
      const diagram = new Diagram(canvas, letter);
      listenToDiagram(view, diagram, k, view.life.signal);
      return diagram;
    });
    this.elements = [columns];
  }

  draw(shown, theme) {
    this.diagrams.forEach((one, k) => one.draw(shown[k], theme, this.view.data, k));
  }
}
