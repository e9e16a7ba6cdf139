// What pointer and keyboard do on the photo, the 1-skeleton and the diagram of one side.

import { nearestMark } from "./canvas.js";
import { cellOf } from "./data.js";
import { placeByKey } from "./elements.js";
import { cameraWords } from "./words.js";

const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const ARROW_TURN = 0.12; // radians
const PIXELS_A_RADIAN = 120;
const DRAG_FROM = 4; // pixels; less is a click
const [AFTER_DRAG_MS, AFTER_KEY_MS] = [300, 500];
const BAR_REACH = 16;

const chooses = ({ key }) => key === "Enter" || key === " ";
const placeIn = (length, index) => Math.max(0, Math.min(length - 1, index));

// Adds listeners by type, all of which end with the view.
function listen(element, listeners, signal) {
  for (const [type, act] of Object.entries(listeners)) {
    element.addEventListener(type, act, { signal, passive: false });
  }
}

export function listenToPhoto(view, photo, k, signal) {
  const at = (event) => photo.pointAt(event.offsetX, event.offsetY);
  listen(photo.canvas, {
    pointermove: (event) => view.hovering.point(k, at(event), event),
    pointerleave: () => view.hovering.point(k, null),
    click: (event) => view.selectPoint(k, at(event)),
    keydown: (event) => keyOnPhoto(view, k, event),
    blur: () => leavePoints(view, k),
  }, signal);
  const pointOfButton = (event) => event.target.closest("button")?.dataset.point ?? null;
  listen(photo.prefix, {
    click: (event) => {
      const point = pointOfButton(event);
      if (point !== null) view.selectPoint(k, +point);
    },
    pointerover: (event) => {
      const point = pointOfButton(event);
      if (point !== null) view.hovering.point(k, +point, event);
    },
    pointerleave: () => view.hovering.point(k, null),
  }, signal);
}

function keyOnPhoto(view, k, event) {
  const { cursor } = view.state;
  const arrow = ARROWS[event.key];
  if (event.key === "Escape") view.select(null);
  if (chooses(event) && cursor[k] !== null) view.selectPoint(k, cursor[k]);
  if (arrow) {
    cursor[k] = pointBeside(view.data.sides[k], cursor[k], arrow);
    view.hovering.point(k, cursor[k]);
  }
  if (arrow || chooses(event)) event.preventDefault();
}

// One patch on in a direction; the photo's middle where the cursor isn't on it yet.
function pointBeside(side, point, [across, down]) {
  const [rows, columns] = side.grid;
  const at = (row, column) =>
    side.prefix.length + placeIn(rows, row) * columns + placeIn(columns, column);
  if (point === null) return at(Math.floor(rows / 2), Math.floor(columns / 2));
  const [row, column] = cellOf(side, point);
  return at(row + down, column + across);
}

function leavePoints(view, k) {
  view.state.cursor[k] = null;
  view.hovering.point(k, null);
}

// From node to node, class token and all.
function keyOnNodes(view, { shown }, k, event) {
  const { cursor } = view.state;
  const way = { PageDown: 1, PageUp: -1 }[event.key];
  if (event.key === "Escape") view.select(null);
  if (chooses(event) && cursor[k] !== null) view.selectPoint(k, cursor[k]);
  if (way && shown.length) {
    cursor[k] = shown[placeIn(shown.length, shown.indexOf(cursor[k]) + way)];
    view.hovering.point(k, cursor[k]);
  }
  if (way || chooses(event)) event.preventDefault();
}

export function listenToScene(view, { scene, box }, k, signal) {
  const { canvas } = scene;
  const moved = (wait) => {
    view.inMotion();
    view.requestDraw();
    if (wait) view.outbox.tellSoon(wait);
  };
  const turned = () => {
    moved(AFTER_KEY_MS);
    view.hovering.tip.speak(cameraWords(scene));
  };
  const zoom = (factor) => {
    scene.zoomBy(factor);
    turned();
  };
  listen(canvas, {
    ...dragging(view, scene, k, moved),
    pointerleave: () => view.hovering.point(k, null),
    wheel: (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 200));
    },
    keydown: (event) => {
      const arrow = ARROWS[event.key];
      if (arrow) {
        event.preventDefault();
        scene.turnBy(...arrow.map((way) => ARROW_TURN * way));
        turned();
      }
      if (event.key === "+" || event.key === "=") zoom(1.2);
      if (event.key === "-") zoom(1 / 1.2);
      keyOnNodes(view, scene, k, event);
    },
    blur: () => leavePoints(view, k),
  }, signal);
  const reset = () => {
    scene.reset();
    view.requestDraw();
    view.outbox.tell();
  };
  const acts = { in: () => zoom(1.4), out: () => zoom(1 / 1.4), reset };
  for (const button of box.querySelectorAll("[data-zoom]")) {
    listen(button, { click: acts[button.dataset.zoom] }, signal);
  }
}

// A drag turns the scene; a press that doesn't move selects.
function dragging(view, scene, k, moved) {
  let from = null;
  let drags = false;
  return {
    pointerdown: (event) => {
      from = [event.clientX, event.clientY];
      drags = false;
      scene.canvas.setPointerCapture(event.pointerId);
    },
    pointermove: (event) => {
      const { clientX, clientY, offsetX, offsetY } = event;
      if (!from) return view.hovering.point(k, scene.pointAt(offsetX, offsetY), event);
      const [dx, dy] = [clientX - from[0], clientY - from[1]];
      drags ||= Math.hypot(dx, dy) >= DRAG_FROM;
      if (!drags) return undefined;
      from = [clientX, clientY];
      scene.turnBy(dx / PIXELS_A_RADIAN, dy / PIXELS_A_RADIAN);
      return moved();
    },
    pointerup: (event) => {
      if (from && drags) view.outbox.tellSoon(AFTER_DRAG_MS);
      else if (from) view.selectPoint(k, scene.pointAt(event.offsetX, event.offsetY));
      from = null;
    },
    pointercancel: () => {
      from = null;
    },
  };
}

// A picture of bars: what the pointer is on, and arrow keys from bar to bar.
export function listenToBars(view, picture, k, barAt, signal) {
  let place = -1; // of the bar that the keyboard is on
  const at = (event) => barAt(event.offsetX, event.offsetY);
  listen(picture.canvas, {
    pointermove: (event) => view.hovering.bar(k, at(event), event),
    pointerleave: () => view.hovering.bar(k, null),
    click: (event) => view.selectBar(k, at(event)),
    blur: () => {
      place = -1;
      view.hovering.bar(k, null);
    },
    keydown: (event) => {
      const bars = picture.bars();
      if (event.key === "Escape") view.select(null);
      if (chooses(event) && bars[place]) view.selectBar(k, bars[place]);
      const next = placeByKey(event.key, place, bars.length);
      if (next === null && !chooses(event)) return;
      event.preventDefault();
      if (next === null) return;
      place = next;
      view.hovering.bar(k, bars[place]);
    },
  }, signal);
}

export function listenToDiagram(view, diagram, k, signal) {
  const barAt = (x, y) => nearestMark(diagram.marks, x, y, BAR_REACH);
  listenToBars(view, diagram, k, barAt, signal);
}

// Pairs of tokens can be pointed at, and the first of each selected; arrow keys go over the cells.
export function listenToMatrix(view, matrix, k) {
  listen(matrix.canvas, {
    pointermove: (event) =>
      view.hovering.pair(k, matrix.pairAt(event.offsetX, event.offsetY), event),
    pointerleave: () => view.hovering.pair(k, matrix.pointsAt([-1, -1])),
    blur: () => view.hovering.pair(k, matrix.pointsAt([-1, -1])),
    click: (event) => {
      const pair = matrix.pairAt(event.offsetX, event.offsetY);
      if (pair) view.selectPoint(k, pair[0]);
    },
    keydown: (event) => {
      const arrow = ARROWS[event.key];
      const { pointer, order } = matrix;
      if (event.key === "Escape") view.select(null);
      if (chooses(event) && pointer) view.selectPoint(k, order[pointer[0]]);
      if (arrow || chooses(event)) event.preventDefault();
      if (!arrow) return;
      const [across, down] = pointer ? arrow : [0, 0];
      const [row, column] = pointer ?? [0, 0];
      const moved = [row + down, column + across].map((one) => placeIn(order.length, one));
      view.hovering.pair(k, matrix.pointsAt(moved));
    },
  });
}
