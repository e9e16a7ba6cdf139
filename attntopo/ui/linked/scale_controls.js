// The controls over the scale: slider, typed scale, jumps and Play.

import { scaleText } from "./words.js";

const SWEEP_MS = 10000; // the whole scale
// How long until what was chosen is sent, unless something else is chosen meanwhile.
const [AFTER_SLIDE_MS, AFTER_JUMP_MS] = [60, 120];

export class ScaleControls {
  // `moveTo` moves everything to a step, `slideTo` while more steps are to come; `tell` sends it.
  constructor(root, { moveTo, slideTo, tell, tellSoon }, signal) {
    Object.assign(this, { moveTo, slideTo, tell, tellSoon });
    this.slider = root.querySelector(".scale-range");
    this.typed = root.querySelector(".scale-typed");
    this.playButton = root.querySelector('[data-go="play"]');
    this.slider.addEventListener("input", () => slideTo(+this.slider.value), { signal });
    this.slider.addEventListener("change", () => tellSoon(AFTER_SLIDE_MS), { signal });
    this.typed.addEventListener("change", () => this.takeTyped(), { signal });
    for (const button of root.querySelectorAll("[data-go]")) {
      button.addEventListener("click", () => this.go(button.dataset.go), { signal });
    }
    signal.addEventListener("abort", () => this.stop());
  }

  load(data) {
    this.data = data;
    this.slider.max = data.last;
    this.typed.max = data.last / data.steps_in_one;
  }

  show(step) {
    const words = scaleText(this.data, step);
    this.step = step;
    this.slider.value = step;
    this.slider.setAttribute("aria-valuetext", words);
    // Digits that are being typed stay as they are where they mean this step.
    const same = parseFloat(this.typed.value) === step / this.data.steps_in_one;
    if (!same || !this.typed.matches(":focus")) this.typed.value = words;
  }

  takeTyped() {
    const step = Math.round(parseFloat(this.typed.value) * this.data.steps_in_one);
    if (!Number.isFinite(step)) return this.show(this.step);
    this.moveTo(Math.max(0, Math.min(this.data.last, step)));
    return this.tell();
  }

  go(where) {
    const { data, step } = this;
    const wasPlaying = Boolean(this.frame);
    this.stop();
    if (where === "play") return wasPlaying ? this.tell() : this.play();
    const target = {
      next: data.events.find((event) => event > step) ?? step,
      previous: data.events.findLast((event) => event < step) ?? 0,
      gap: data.widest_gap,
      most: data.most_components,
    };
    this.moveTo(target[where]);
    return this.tellSoon(AFTER_JUMP_MS);
  }

  play() {
    const { last } = this.data;
    const from = this.step >= last ? 0 : this.step;
    const start = performance.now();
    const advance = (now) => {
      const step = Math.min(last, Math.round(from + ((now - start) * last) / SWEEP_MS));
      this.slideTo(step);
      if (step < last) {
        this.frame = requestAnimationFrame(advance);
        return;
      }
      this.stop();
      this.tell();
    };
    this.frame = requestAnimationFrame(advance);
    this.labelPlay("Pause", true);
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.labelPlay("Play", false);
  }

  labelPlay(label, pressed) {
    this.playButton.textContent = label;
    this.playButton.setAttribute("aria-pressed", String(pressed));
  }
}
