// The tabs' contents: canvases or the table, and what a pointer does there.

const PICTURES = { barcode: Barcode, dendrogram: Dendrogram, matrix: Matrix };

Object.assign(LinkedView.prototype, {
  fillPanel() {
    const { state, data } = this, panel = this.find(".panel");
    for (const button of this.root.querySelectorAll("[data-tab]")) button.setAttribute("aria-selected", String(button.dataset.tab === state.tab));
    const caption = document.createElement("p");
    caption.className = "caption";
    caption.textContent = TAB_CAPTIONS[state.tab];
    if (!data) return;
    this.pictures = [];
    panel.replaceChildren(...{ matching: () => this.matchingPanel(), bars: () => this.tablePanel() }[state.tab]?.() ?? this.twoCanvases(PICTURES[state.tab]), caption);
  },

  twoCanvases(Picture) {
    const columns = document.createElement("div");
    columns.className = "columns";
    [0, 1].forEach((k) => {
      const box = document.createElement("div"), title = document.createElement("h3"), canvas = document.createElement("canvas");
      const side = this.data.sides[k];
      title.textContent = `${side.letter}: ${side.name}`;
      canvas.tabIndex = 0;
      canvas.setAttribute("role", "application");
      canvas.setAttribute("aria-label", `${this.state.tab} of ${side.letter}; the table of bars has the same for the keyboard.`);
      box.append(title, canvas);
      columns.append(box);
      const picture = new Picture(canvas);
      this.pictures.push(picture);
      if (picture.barAt) this.listenBars(picture, canvas, k); else this.listenMatrix(picture, canvas, k);
    });
    return [columns];
  },

  listenBars(picture, canvas, k) {
    canvas.addEventListener("pointermove", (event) => this.hoverBar(k, picture.barAt(event.offsetX, event.offsetY), event));
    canvas.addEventListener("pointerleave", () => this.hoverBar(k, null));
    canvas.addEventListener("click", (event) => this.pickBar(k, picture.barAt(event.offsetX, event.offsetY)));
  },

  listenMatrix(picture, canvas, k) {
    const side = this.data.sides[k];
    canvas.addEventListener("pointermove", (event) => {
      const pair = picture.pairAt(event.offsetX, event.offsetY);
      this.state.hover = pair ? { side: k, points: pair } : null;
      const joined = pair && pair[0] !== pair[1] ? `joined from the scale ${scaleText(this.data, stepOfPair(side, ...pair))}` : "the same token";
      this.tip(event, pair ? `${nameOf(side, pair[0])}\n${nameOf(side, pair[1])}\n${joined}` : "");
      this.request();
    });
    canvas.addEventListener("pointerleave", () => { picture.pointer = null; this.hoverPoint(k, null); this.request(); });
    canvas.addEventListener("click", (event) => { const pair = picture.pairAt(event.offsetX, event.offsetY); if (pair) this.pickPoint(k, pair[0]); });
  },

  matchingPanel() {
    const row = document.createElement("div"), canvas = document.createElement("canvas"), said = document.createElement("p");
    row.className = "selection-tools";
    for (const name of Object.keys(this.data.matchings)) {
      const label = name.replace(/^h(\d)-/, "H$1 ").replace("wasserstein-1", "1-Wasserstein").replace("wasserstein-2", "2-Wasserstein");
      row.append(this.button(label, () => { this.state.matching = name; this.fillPanel(); this.request(); this.tell(); }, { "aria-pressed": String(name === this.state.matching), "data-matching": name }));
    }
    const found = this.data.matchings[this.state.matching];
    said.className = "caption matching-distance";
    said.textContent = `Distance ${number(found.distance)}, ${found.pairs.length} pairs.`;
    const step = (by) => { const now = this.state.pick?.kind === "pair" && this.state.pick.matching === this.state.matching ? this.state.pick.number : found.attaining - by; this.choosePair(Math.max(0, Math.min(found.pairs.length - 1, now + by))); };
    if (found.pairs.length) row.append(this.button("Largest step", () => this.choosePair(found.attaining)), this.button("◂", () => step(-1), { "aria-label": "Pair before" }), this.button("▸", () => step(1), { "aria-label": "Next pair" }));
    canvas.className = "matching-canvas";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "Both persistence diagrams with the matching between them.");
    const picture = new MatchingPicture(canvas);
    this.pictures.push(picture);
    canvas.addEventListener("click", (event) => { const one = nearest(picture.marks ?? [], event.offsetX, event.offsetY, 14); if (one) this.choosePair(one.number); else this.choose(null); });
    canvas.addEventListener("pointermove", (event) => { const one = nearest(picture.marks ?? [], event.offsetX, event.offsetY, 14); this.tip(one && event, one ? `a step of ${number(found.costs[one.number])}` : ""); });
    canvas.addEventListener("pointerleave", () => this.tip(null));
    return [row, said, canvas];
  },

  choosePair(index) { this.toggle(`pair-${this.state.matching}-${index}`); },

  tablePanel() {
    const scroller = document.createElement("div"), table = document.createElement("table"), [column, direction] = this.state.sort;
    scroller.className = "scroller";
    scroller.tabIndex = 0;
    const head = table.createTHead().insertRow();
    for (const [key, label] of [["photo", "Photo"], ["dimension", "Dimension"], ["birth", "Birth"], ["death", "Death"], ["length", "Length"], ["tokens", "Tokens"], [null, ""]]) {
      const cell = document.createElement("th");
      if (key) {
        cell.setAttribute("aria-sort", key === column ? (direction > 0 ? "ascending" : "descending") : "none");
        cell.append(this.button(label + (key === column ? (direction > 0 ? " ▴" : " ▾") : ""), () => { this.state.sort = [key, key === column ? -direction : -1]; this.fillPanel(); this.tell(); }));
      }
      head.append(cell);
    }
    const body = table.createTBody();
    const rows = [...this.rows].sort((a, b) => direction * (a[column] > b[column] ? 1 : a[column] < b[column] ? -1 : 0));
    for (const one of rows) {
      const row = body.insertRow();
      row.dataset.pick = `${"ab"[one.side]}-h${one.dimension}-${one.number}`;
      for (const value of [one.photo, `H${one.dimension}`, number(one.birth), number(one.death), number(one.length), one.tokens ?? "–"]) row.insertCell().textContent = value;
      row.insertCell().append(this.button("Show", () => {}, { "aria-label": `Show this bar of ${one.photo}` }));
    }
    body.addEventListener("click", (event) => { const row = event.target.closest("tr"); if (row) this.toggle(row.dataset.pick); });
    scroller.append(table);
    return [scroller];
  },

  drawPanel() {
    const { tab, matching, pick } = this.state;
    if (tab === "matching") {
      if (pick?.kind === "pair" && this.root.querySelector(`[data-matching="${matching}"]`)?.getAttribute("aria-pressed") !== "true") this.fillPanel();
      this.pictures[0]?.draw(this.state, this.theme, this.data, matching);
    } else if (tab === "bars") {
      for (const row of this.root.querySelectorAll("tr[data-pick]")) row.classList.toggle("picked", row.dataset.pick === pick?.text);
    } else this.pictures.forEach((picture, k) => picture.draw({ ...this.state, components: this.components(k) }, this.theme, this.data, k));
  },
});
