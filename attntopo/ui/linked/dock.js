// The dock: what is selected, slider, curves and numbers stay in sight while the page is scrolled,
// and once the photos have left it, small copies of them.

const IN_SIGHT = 0.4; // of a photo; with less of it, its small copy is shown

export class Dock {
  // `redraw` is called when the small copies come, and when there is other room.
  constructor(root, boxes, redraw, signal) {
    this.frame = root.querySelector(".linked");
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
    const size = new ResizeObserver(() => {
      this.makeRoom();
      redraw();
    });
    size.observe(this.frame);
    signal.addEventListener("abort", () => {
      sight.disconnect();
      size.disconnect();
    });
  }

  // Streamlit's header is opaque while the sidebar is closed, and nothing may lie under it.
  makeRoom() {
    const header = document.querySelector('[data-testid="stHeader"]');
    const { alpha, height } = header ? groundOf(header) : { alpha: 0, height: 0 };
    this.frame.style.setProperty("--header", `${alpha > 0 ? height : 0}px`);
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

function groundOf(element) {
  const alpha = /rgba\(.*,\s*([\d.]+)\)$/.exec(getComputedStyle(element).backgroundColor)?.[1] ?? 1;
  return { alpha: +alpha, height: element.getBoundingClientRect().height };
}
