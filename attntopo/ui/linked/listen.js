// What pointer and keyboard do on the photo, the 1-skeleton and the diagram of one side.

function listenPhoto(view, { photo }, k) {
  const { canvas } = photo;
  canvas.addEventListener("pointermove", (event) => view.hoverPoint(k, photo.pointAt(event.offsetX, event.offsetY), event));
  canvas.addEventListener("pointerleave", () => view.hoverPoint(k, null));
  canvas.addEventListener("click", (event) => view.pickPoint(k, photo.pointAt(event.offsetX, event.offsetY)));
  canvas.addEventListener("keydown", (event) => keyOnPhoto(view, k, event));
  canvas.addEventListener("blur", () => { view.state.cursor[k] = null; view.hoverPoint(k, null); });
  photo.prefix.addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) view.pickPoint(k, +button.dataset.point); });
  photo.prefix.addEventListener("pointerover", (event) => { const button = event.target.closest("button"); if (button) view.hoverPoint(k, +button.dataset.point, event); });
  photo.prefix.addEventListener("pointerleave", () => view.hoverPoint(k, null));
}

function keyOnPhoto(view, k, event) {
  const side = view.data.sides[k], [rows, columns] = side.grid, first = side.prefix.length;
  const now = view.state.cursor[k], step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (event.key === "Escape") return view.choose(null);
  if (event.key === "Enter" || event.key === " ") { if (now !== null) view.pickPoint(k, now); return event.preventDefault(); }
  if (!step) return undefined;
  event.preventDefault();
  const [row, column] = now === null ? [Math.floor(rows / 2), Math.floor(columns / 2)] : cellOf(side, now);
  const clamp = (value, end) => Math.max(0, Math.min(end - 1, value));
  view.state.cursor[k] = first + clamp(row + (now === null ? 0 : step[0]), rows) * columns + clamp(column + (now === null ? 0 : step[1]), columns);
  view.hoverPoint(k, view.state.cursor[k]);
  return undefined;
}

function listenScene(view, { scene, box }, k) {
  const { canvas } = scene;
  let from = null, moved = false;
  canvas.addEventListener("pointerdown", (event) => { from = [event.clientX, event.clientY]; moved = false; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => {
    if (!from) return view.hoverPoint(k, scene.pointAt(event.offsetX, event.offsetY), event);
    const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
    if (!moved && Math.hypot(dx, dy) < 4) return undefined;
    moved = true;
    from = [event.clientX, event.clientY];
    scene.turn += dx / 120;
    scene.tilt = Math.max(-1.57, Math.min(1.57, scene.tilt + dy / 120));
    view.motion();
    return view.request();
  });
  canvas.addEventListener("pointerup", (event) => {
    if (from && moved) view.tellSoon(300);
    else if (from) view.pickPoint(k, scene.pointAt(event.offsetX, event.offsetY));
    from = null;
  });
  canvas.addEventListener("pointercancel", () => { from = null; });
  canvas.addEventListener("pointerleave", () => view.hoverPoint(k, null));
  const zoom = (factor) => { scene.zoom = Math.max(0.3, Math.min(12, scene.zoom * factor)); view.motion(); view.request(); view.tellSoon(500); };
  canvas.addEventListener("wheel", (event) => { if (event.ctrlKey) { event.preventDefault(); zoom(Math.exp(-event.deltaY / 200)); } }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const turn = { ArrowLeft: [-0.12, 0], ArrowRight: [0.12, 0], ArrowUp: [0, -0.12], ArrowDown: [0, 0.12] }[event.key];
    if (turn) { scene.turn += turn[0]; scene.tilt = Math.max(-1.57, Math.min(1.57, scene.tilt + turn[1])); event.preventDefault(); view.motion(); view.request(); view.tellSoon(500); }
    if (event.key === "+" || event.key === "=") zoom(1.2);
    if (event.key === "-") zoom(1 / 1.2);
    if (event.key === "Escape") view.choose(null);
  });
  for (const button of box.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => {
    if (button.dataset.zoom === "reset") { scene.reset(); view.request(); view.tell(); } else zoom(button.dataset.zoom === "in" ? 1.4 : 1 / 1.4);
  });
}

function listenDiagram(view, { diagram }, k) {
  const { canvas } = diagram;
  const at = (event) => nearest(diagram.marks ?? [], event.offsetX, event.offsetY, 16);
  canvas.addEventListener("pointermove", (event) => view.hoverBar(k, at(event), event));
  canvas.addEventListener("pointerleave", () => view.hoverBar(k, null));
  canvas.addEventListener("click", (event) => { const one = at(event); view.pickBar(k, one); });
  let place = -1;
  canvas.addEventListener("blur", () => { place = -1; view.hoverBar(k, null); });
  canvas.addEventListener("keydown", (event) => {
    const marks = [...(diagram.marks ?? [])].reverse(), step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") view.choose(null);
    if (event.key === "Enter" && marks[place]) view.pickBar(k, marks[place]);
    if (!step || !marks.length) return;
    event.preventDefault();
    place = Math.max(0, Math.min(marks.length - 1, place + step));
    view.hoverBar(k, marks[place]);
  });
}
