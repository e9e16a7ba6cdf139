// The tabs below, and what is in the one that is chosen.

import { BarsTable } from "./bars_table.js";
import { DiagramsTab } from "./diagrams_tab.js";
import { makeButton, makeParagraph, markTab, moveAlongTabs } from "./elements.js";
import { MatchingTab } from "./matching_tab.js";
import { NumbersTab } from "./numbers_tab.js";
import { BarcodeTab, DendrogramTab, MatrixTab } from "./picture_tabs.js";
import { TAB_CAPTIONS } from "./words.js";

const TABS = {
  diagrams: { label: "Diagrams", Content: DiagramsTab },
  matching: { label: "Matching", Content: MatchingTab },
  barcode: { label: "Barcode", Content: BarcodeTab },
  dendrogram: { label: "Dendrogram", Content: DendrogramTab },
  matrix: { label: "Distance matrix", Content: MatrixTab },
  bars: { label: "Table of bars", Content: BarsTable },
  numbers: { label: "Numbers", Content: NumbersTab },
};

export class Panel {
  constructor(root, view) {
    this.view = view;
    this.panel = root.querySelector(".panel");
    this.panel.id = "panel";
    this.buttons = Object.entries(TABS).map(([tab, { label }]) => {
      const attributes = {
        role: "tab",
        id: `tab-${tab}`,
        "aria-controls": "panel",
        "data-tab": tab,
      };
      return makeButton(label, () => this.choose(tab), attributes);
    });
    const row = root.querySelector(".tab-row");
    row.replaceChildren(...this.buttons);
    moveAlongTabs(row);
  }

  choose(tab) {
    this.view.state.tab = tab;
    this.fill();
    this.view.requestDraw();
    this.view.outbox.tell();
  }

  fill() {
    const { tab } = this.view.state;
    for (const button of this.buttons) markTab(button, button.dataset.tab === tab);
    this.panel.setAttribute("aria-labelledby", `tab-${tab}`);
    const focused = this.panel.getRootNode().activeElement;
    const key = this.panel.contains(focused) ? focused.dataset.key : null;
    this.content = new TABS[tab].Content(this.view);
    const caption = makeParagraph("caption", this.content.caption ?? TAB_CAPTIONS[tab]);
    this.panel.replaceChildren(...this.content.elements, caption);
    // What had the focus was replaced by its like.
    if (key) this.panel.querySelector(`[data-key="${key}"]`)?.focus({ preventScroll: true });
  }

  // `shown` is what the state says of both sides.
  draw(shown, theme) {
    this.content.draw(shown, theme);
  }
}
