// The dock: what is selected, slider, curves and numbers stay in sight while the page is scrolled,
// and once the photos have left it, small copies of them.

const IN_SIGHT = 0.4; // of a photo; with less of it, its small copy is shown

export class Dock {
  // `redraw` is called when the small copies come, and when there is other room.
  constructor(root, boxes, redraw, signal) {
    this.holder = root.querySelector(".minis");
    this.minis = [...root.querySelectorAll(".mini")];
    const shares = new Map(boxes.map((box) => [box, 1]));
    const sight = new IntersectionObserver((entries) => {
      for (const { target, intersectionRatio } of entries) shares.set(target, intersectionRatio);
      const hidden = [...shares.values()].some((share) => share >= IN_SIGHT);
      if (hidden === this.holder.hidden) return;
      this.holder.hidden = hidden;
      redraw();
    }, { threshold: [0, IN_SIGHT, 1] });
    for (const box of boxes) sight.observe(box);
    const size = new ResizeObserver(redraw);
    size.observe(root.querySelector(".linked"));
    signal.addEventListener("abort", () => {
      sight.disconnect();
      size.disconnect();
    });
  }

  draw(photos) {
    if (this.holder.hidden) return;
    this.minis.forEach((mini, k) => {
      const { canvas, ratio } = photos[k];
      mini.style.aspectRatio = ratio;
      if (!canvas.width || !canvas.offsetParent) return;
      const high = Math.round(mini.clientHeight * (globalThis.devicePixelRatio || 1));
      [mini.width, mini.height] = [Math.max(1, Math.round(high * ratio)), Math.max(1, high)];
      const ctx = mini.getContext("2d");
      ctx.imageSmoothingQuality = "high";
      ctx.drawImage(canvas, 0, 0, mini.width, mini.height);
    });
  }
}
