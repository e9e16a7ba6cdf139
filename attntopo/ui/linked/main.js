// The view itself: state, events, what is sent up, and when to draw.

const ANSWER_WITHIN = 12000;  // milliseconds, in which a busy server begins at least

class LinkedView {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.state = { step: 0, pick: null, opacity: 0.6, mode: "to", tab: "matching", matching: "h1-bottleneck", side: 0, hover: null, cursor: [null, null], moving: false, sort: ["length", -1], hoveredBar: null };
    this.revision = -1;
    this.sent = 0;
    this.find = (selector) => root.querySelector(selector);
    this.build();
    this.listen();
    this.observer = new ResizeObserver(() => this.request());
    this.observer.observe(this.find(".linked"));
  }

  build() {
    this.range = this.find(".scale-range");
    this.typed = this.find(".scale-typed");
    this.curves = new Curves(this.find(".curves-canvas"));
    this.parts = [0, 1].map(() => {
      const box = this.find(".side-template").content.firstElementChild.cloneNode(true);
      this.find(".sides").append(box);
      return { box, photo: new PhotoPicture(null, box), scene: new Scene(box), diagram: new Diagram(box) };
    });
    this.find(".tab-row").replaceChildren(...[["matching", "Matching"], ["barcode", "Barcode"], ["dendrogram", "Dendrogram"], ["matrix", "Distance matrix"], ["bars", "Table of bars"]].map(([key, label]) => this.button(label, () => { this.state.tab = key; this.fillPanel(); this.request(); this.tell(); }, { role: "tab", "data-tab": key })));
  }

  // From where all is looked at: what a link carries besides the scale and the selection.
  look() {
    const { opacity, tab, matching, mode, sort: [column, direction], side } = this.state;
    const [camera_a, camera_b] = this.parts.map(({ scene }) => scene.camera());
    return { paint: Math.round(100 * opacity), tab, matching, heat: mode, sort: `${column}-${direction > 0 ? "up" : "down"}`, shown: "ab"[side], camera_a, camera_b };
  }

  takeLook({ paint, tab, matching, heat, sort, shown, camera_a, camera_b }) {
    const [column, way] = sort.split("-");
    Object.assign(this.state, { opacity: paint / 100, tab, matching, mode: heat, sort: [column, way === "up" ? 1 : -1], side: "ab".indexOf(shown) });
    [camera_a, camera_b].forEach((camera, k) => this.parts[k].scene.point(camera));
    this.find(".opacity-range").value = paint;
    this.fillPanel();
  }

  button(label, act, attributes = {}) {
    const button = document.createElement("button");
    button.textContent = label;
    for (const [name, value] of Object.entries(attributes)) button.setAttribute(name, value);
    button.addEventListener("click", act);
    return button;
  }

  // What Python sends: the data of two heads, and where it has news all else that is to be shown.
  take({ head, revision, now: { step, pick, look }, seen }) {
    const fresh = this.text !== head;
    if (fresh) {
      const id = this.data?.id;
      this.text = head;
      this.data = decode(head);
      this.load(id !== this.data.id);
    }
    // News is old where the visitor has moved since Python last heard of it, in these very heads.
    if (this.changed || (revision > this.revision && seen >= this.sent)) {
      this.revision = revision;
      this.stop();
      this.state.step = Math.min(step, this.data.last);
      if (!this.pending) this.takeLook(look);
      this.choose(parsePick(this.data, pick), false, false);
    }
    this.changed = false;
    this.theme = readTheme(this.find(".linked"));
    this.update();
  }

  load(changed) {
    const { data, state } = this;
    this.changed = changed;
    if (changed) { state.pick = null; state.hover = null; state.cursor = [null, null]; }
    state.step = Math.min(state.step, data.last);
    this.range.max = data.last;
    this.typed.max = data.last / data.steps_in_one;
    this.afterMerges = [null, null];
    this.parts.forEach((part, k) => {
      const side = data.sides[k];
      part.box.querySelector("h3").textContent = `${side.letter}: ${side.name}`;
      part.photo.load(side, () => this.request());
      part.scene.load(side);
      part.photo.canvas.setAttribute("aria-label", `Photo ${side.letter} with its components painted on it. Arrow keys move over the patches, Enter selects one.`);
      part.scene.canvas.setAttribute("aria-label", `3D 1-skeleton of ${side.letter}. Arrow keys turn it, plus and minus zoom.`);
      part.diagram.canvas.setAttribute("aria-label", `Persistence diagrams of ${side.letter}. Arrow keys go from bar to bar, longest first, Enter selects.`);
      this.find(`.which [data-side="${k}"]`).textContent = `${side.letter}: ${side.name}`;
    });
    this.find(".photos-caption").textContent = photosCaption(data);
    this.find(".scene-caption").textContent = sceneCaption(data);
    this.find(".curves-caption").textContent = `How many components and loops there are at each scale, from single tokens on the left to one component on the right. The scale is how differently the head looks from two patches (${data.distance}); slide, and everything below follows.`;
    this.curves.canvas.setAttribute("aria-label", "Betti curves: number of components and of loops against the scale, A solid, B dashed.");
    this.rows = barRows(data);
    this.fillPanel();
  }

  listen() {
    const range = this.range;
    range.addEventListener("input", () => { this.motion(); this.to(+range.value); });
    range.addEventListener("change", () => this.tellSoon(60));
    this.typed.addEventListener("change", () => {
      const value = Math.round(parseFloat(this.typed.value) * this.data.steps_in_one);
      if (Number.isFinite(value)) { this.to(Math.max(0, Math.min(this.data.last, value))); this.tell(); }
      this.update();
    });
    this.find(".opacity-range").addEventListener("input", (event) => { this.state.opacity = event.target.value / 100; this.request(); });
    this.find(".opacity-range").addEventListener("change", () => this.tellSoon(300));
    for (const button of this.root.querySelectorAll("[data-go]")) button.addEventListener("click", () => this.jump(button.dataset.go));
    this.find("[data-reload]").addEventListener("click", () => this.reload());
    for (const button of this.root.querySelectorAll(".which button")) button.addEventListener("click", () => { this.state.side = +button.dataset.side; this.update(); this.tell(); });
    this.parts.forEach((part, k) => { listenPhoto(this, part, k); listenScene(this, part, k); listenDiagram(this, part, k); });
  }

  hoverPoint(k, point, event) {
    const old = this.state.hover;
    this.state.hover = point === null ? null : { side: k, points: [point] };
    if (point !== null) {
      const side = this.data.sides[k], { leader, sizes } = this.components(k), size = sizes[leader[point]];
      this.tip(event, `${side.letter}, ${nameOf(side, point)}\n${size === 1 ? "alone at this scale" : `in a component of ${size} tokens`}`);
    } else this.tip(null);
    if (JSON.stringify(old) !== JSON.stringify(this.state.hover)) this.request();
  }

  hoverBar(k, one, event) {
    this.state.hoveredBar = one ? { side: k, dimension: one.dimension, number: one.number } : null;
    if (one) { const bar = this.data.sides[k].bars[one.dimension][one.number]; this.tip(event, `H${one.dimension}, ${one.dimension ? "loop" : "component"}: ${number(bar.birth)} to ${number(bar.death)}`); } else this.tip(null);
    this.request();
  }

  tip(event, words) {
    const tip = this.find(".tip");
    tip.hidden = !event?.clientX;
    if (tip.hidden) return;
    const box = this.find(".linked").getBoundingClientRect();
    tip.textContent = words;
    tip.style.left = `${Math.min(event.clientX - box.left + 14, box.width - 230)}px`;
    tip.style.top = `${event.clientY - box.top + 14}px`;
  }

  pickPoint(k, point) {
    if (point === null) return this.choose(null);
    return this.toggle(`${"ab"[k]}-token-${tokenOf(this.data.sides[k], point)}`);
  }

  pickBar(k, one) { return one ? this.toggle(`${"ab"[k]}-h${one.dimension}-${one.number}`) : this.choose(null); }

  toggle(text) { this.choose(this.state.pick?.text === text ? null : parsePick(this.data, text)); }

  // What the visitor selects is brought into view; a link says itself what is in view.
  choose(pick, tell = true, show = true) {
    this.state.pick = pick;
    if (show && pick?.kind === "pair") this.state.matching = pick.matching;
    if (show && pick && pick.kind !== "pair") this.state.side = pick.side;
    this.update();
    if (tell) this.tell();
  }

  to(step) { this.state.step = step; this.update(); }

  // While things move fewer edges are drawn in 3D; all of them after a moment of rest.
  motion() {
    this.state.moving = true;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => { this.state.moving = false; this.request(); }, 150);
  }

  jump(where) {
    const { data, state } = this, playing = Boolean(this.playing);
    this.stop();
    if (where === "play") { if (!playing) this.play(); else this.tell(); return; }
    if (where === "next") state.step = data.events.find((step) => step > state.step) ?? state.step;
    if (where === "previous") state.step = data.events.findLast((step) => step < state.step) ?? 0;
    if (where === "gap") state.step = data.widest_gap;
    if (where === "most") state.step = data.most_components;
    this.update();
    this.tellSoon(120);
  }

  play() {
    const { data } = this, start = performance.now(), from = this.state.step >= data.last ? 0 : this.state.step;
    const pace = data.last / 10000;  // the whole scale in ten seconds
    const frame = (now) => {
      const step = Math.min(data.last, Math.round(from + (now - start) * pace));
      this.motion();
      this.to(step);
      if (step < data.last) this.playing = requestAnimationFrame(frame);
      else { this.stop(); this.tell(); }
    };
    this.playing = requestAnimationFrame(frame);
    this.find('[data-go="play"]').textContent = "Pause";
    this.find('[data-go="play"]').setAttribute("aria-pressed", "true");
  }

  stop() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.find('[data-go="play"]').textContent = "Play";
    this.find('[data-go="play"]').setAttribute("aria-pressed", "false");
  }

  tellSoon(wait) { clearTimeout(this.telling); this.pending = true; this.telling = setTimeout(() => this.tell(), wait); }

  tell() {
    clearTimeout(this.telling);
    this.pending = false;
    this.sent = Math.max(this.sent + 1, Date.now());
    this.send({ id: this.data.id, scale: this.state.step, pick: this.state.pick?.text ?? "none", look: this.look(), sent: this.sent });
    this.expectAnswer();
  }

  // A restarted server knows nothing of an open page's parts, and drops what they say unanswered.
  expectAnswer() {
    const app = document.querySelector('[data-testid="stApp"]'), notice = this.find(".silent");
    if (!app) return;
    clearTimeout(this.silence);
    this.answer?.disconnect();
    this.answer = new MutationObserver(() => { clearTimeout(this.silence); this.answer.disconnect(); notice.hidden = true; });
    this.answer.observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
    this.silence = setTimeout(() => { notice.hidden = false; }, ANSWER_WITHIN);
  }

  // The address of what is shown, which the server would have written.
  reload() {
    const address = new URL(location.href), { state, data } = this;
    const said = { ...this.look(), scale: scaleText(data, state.step), pick: state.pick?.text ?? "none" };
    for (const [name, value] of Object.entries(said)) address.searchParams.set(name, value);
    location.assign(address);
  }

  components(k) {
    const side = this.data.sides[k], merges = side.n - side.components[this.state.step];
    if (this.afterMerges[k]?.merges !== merges) this.afterMerges[k] = { merges, ...componentsAfter(side, merges) };
    return this.afterMerges[k];
  }

  // Everything that isn't a canvas; then the canvases at the next frame.
  update() {
    if (!this.data) return;
    const { data, state } = this, words = scaleText(data, state.step);
    this.range.value = state.step;
    this.range.setAttribute("aria-valuetext", words);
    if (this.root.activeElement !== this.typed || !this.typed.matches(":focus")) this.typed.value = words;
    else if (parseFloat(this.typed.value) !== state.step / data.steps_in_one) this.typed.value = words;
    this.parts.forEach((part, k) => {
      part.box.querySelector(".counts").textContent = countsText(data, data.sides[k], this.components(k), state.step);
      part.box.classList.toggle("away", state.side !== k);
      this.find(`.which [data-side="${k}"]`).setAttribute("aria-selected", String(state.side === k));
    });
    const said = selectionWords(data, state.pick, state.mode, [this.components(0), this.components(1)]);
    if (this.find(".selection-words").textContent !== said) this.find(".selection-words").textContent = said;
    if (this.toolsFor !== `${state.pick?.text} ${state.mode}`) this.fillTools();
    this.request();
  }

  fillTools() {
    const { pick, mode } = this.state, tools = [];
    this.toolsFor = `${pick?.text} ${mode}`;
    if (pick?.kind === "token") for (const [key, label] of MODES) tools.push(this.button(label, () => { this.state.mode = key; this.update(); this.tell(); }, { "aria-pressed": String(key === mode) }));
    const bar = pick?.kind === "bar" ? this.data.sides[pick.side].bars[pick.dimension][pick.number] : null;
    if (bar) tools.push(this.button("Go to its birth", () => { this.to(bar.born); this.tell(); }));
    if (bar && bar.death !== null) tools.push(this.button("Go to just before its end", () => { this.to(Math.max(bar.born, bar.dies - 1)); this.tell(); }));
    if (pick) tools.push(this.button("Clear selection", () => this.choose(null)));
    this.find(".selection-tools").replaceChildren(...tools);
  }

  request() {
    if (this.requested || !this.data) return;
    this.requested = requestAnimationFrame(() => { this.requested = null; this.draw(); });
  }

  draw() {
    const { data, state, theme } = this;
    if (!this.root.isConnected && !this.root.host?.isConnected) return;
    this.parts.forEach((part, k) => {
      if (!part.box.offsetParent) return;
      const side = data.sides[k], pick = state.pick, own = pick?.kind === "token" && pick.side === k;
      const each = {
        step: state.step, pick, hoveredBar: state.hoveredBar, opacity: state.opacity, moving: state.moving, palette: data.palette, colourBy: data.colour_by,
        components: this.components(k), marked: this.marked(k), hovered: state.hover?.side === k ? state.hover.points : [], cursor: state.cursor[k],
        heat: own ? heatOf(side, pick.point, state.mode) : null,
        neighbours: own ? this.neighbours(k, pick.point) : [],
      };
      part.photo.draw(each, theme);
      part.scene.draw(each, theme);
      part.diagram.draw(each, theme, data, k);
    });
    this.curves.draw(state, theme, data);
    this.drawPanel();
    this.frames = (this.frames ?? 0) + 1;
  }

  // What the pointer is on shows its class at once; what is selected stays.
  marked(k) {
    const { hoveredBar, pick } = this.state;
    if (hoveredBar) return hoveredBar.side === k ? highlight(this.data, { kind: "bar", ...hoveredBar }, k) : null;
    return highlight(this.data, pick, k);
  }

  neighbours(k, point) {
    const side = this.data.sides[k], others = [];
    for (let other = 0; other < side.n; other++) if (other !== point) others.push([side.rank[pairNumber(side.n, point, other)], other]);
    return others.sort((a, b) => a[0] - b[0]).slice(0, 5).map(([, other]) => other);
  }
}

// The instance stays on the element: rebuilt at every rerun it would lose camera and selection.
export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const send = (view) => setStateValue("view", view);
  parentElement.linkedView ??= new LinkedView(parentElement, send);
  parentElement.linkedView.send = send;
  parentElement.linkedView.take(data);
  return () => {};
}
