// How the photos are shown: how opaque the paint is, and how much of the photo is in the picture.

const AFTER_OPACITY_MS = 300;

export class Display {
  constructor(root, view, signal) {
    const { state, outbox } = view;
    this.opacity = root.querySelector(".opacity-range");
    this.frame = root.querySelector(".frame");
    this.opacity.addEventListener("input", () => {
      state.opacity = this.opacity.value / 100;
      view.requestDraw();
    }, { signal });
    this.opacity.addEventListener("change", () => outbox.tellSoon(AFTER_OPACITY_MS), { signal });
    this.frame.addEventListener("change", () => {
      state.frame = this.frame.value;
      view.requestDraw();
      outbox.tell();
    }, { signal });
  }

  take({ paint, frame }) {
    this.opacity.value = paint;
    this.frame.value = frame;
  }
}
