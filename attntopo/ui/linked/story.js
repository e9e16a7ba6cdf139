// The story: a few scenes that show what homology is on a photo. All is as it was when it ends.

import { makeButton } from "./elements.js";
import { storyScenes } from "./story_scenes.js";
import { BUTTON_TIPS } from "./words.js";

const [MOVING_MS, STANDING_MS] = [900, 1700]; // of a scene: six are about 15 seconds
const REDUCED_MOTION = "(prefers-reduced-motion: reduce)";

export class Story {
  constructor(root, view, signal) {
    this.view = view;
    this.before = null; // what was shown when it began; null while it doesn't run
    this.button = root.querySelector('[data-go="story"]');
    // Wherever the focus is, and before anything else takes Escape for its own.
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.before) return;
      event.stopPropagation();
      this.end();
    }, { capture: true, signal });
    signal.addEventListener("abort", () => cancelAnimationFrame(this.frame));
  }

  get words() {
    return this.before && this.scenes[this.number].words;
  }

  toggle() {
    if (this.before) this.end();
    else this.begin();
  }

  begin() {
    const { view } = this;
    view.controls.stop();
    const { step, automatic, share, selection, side } = view.state;
    this.before = { step, automatic, share, selection };
    view.state.storyRuns = true;
    this.scenes = storyScenes(view.data, side);
    this.jumps = globalThis.matchMedia(REDUCED_MOTION).matches;
    this.paused = this.jumps;
    const tip = (name) => ({ title: BUTTON_TIPS[name] });
    this.pauseButton = makeButton(this.pauseLabel, () => this.pause(), tip("pause"));
    this.buttons = [
      ...(this.jumps ? [] : [this.pauseButton]),
      makeButton("Next scene", () => this.showScene(this.number + 1), tip("scene")),
      makeButton("Stop the story", () => this.end(), tip("stop")),
    ];
    this.label();
    view.state.moveTo(step); // the scale leads
    this.showScene(0);
    if (!this.paused) this.run();
  }

  get pauseLabel() {
    return this.paused ? "Go on" : "Pause";
  }

  label() {
    this.button.setAttribute("aria-pressed", String(Boolean(this.before)));
  }

  showScene(number) {
    if (number >= this.scenes.length) {
      this.end();
      return;
    }
    const { state } = this.view;
    const { pick, step } = this.scenes[number];
    Object.assign(this, { number, from: state.step, gone: 0 });
    state.selection = pick && state.parse(pick);
    if (this.paused) this.view.controls.slideTo(step);
    else this.view.update();
  }

  run() {
    cancelAnimationFrame(this.frame);
    let last = performance.now();
    const advance = (now) => {
      this.gone += Math.max(0, now - last);
      last = now;
      this.advance();
      if (this.before && !this.paused) this.frame = requestAnimationFrame(advance);
    };
    this.frame = requestAnimationFrame(advance);
  }

  advance() {
    const { step } = this.scenes[this.number];
    const share = Math.min(1, this.gone / MOVING_MS);
    const place = Math.round(this.from + (step - this.from) * share * (2 - share));
    if (place !== this.view.state.step) this.view.controls.slideTo(place);
    if (this.gone > MOVING_MS + STANDING_MS) this.showScene(this.number + 1);
  }

  pause() {
    this.paused = !this.paused;
    this.pauseButton.textContent = this.pauseLabel;
    if (this.paused) cancelAnimationFrame(this.frame);
    else this.run();
  }

  // Also where the visitor does something else meanwhile.
  end() {
    if (!this.before) return;
    const { before, view } = this;
    cancelAnimationFrame(this.frame);
    const inside = this.buttons.some((button) => button.matches(":focus"));
    this.before = null;
    view.state.storyRuns = false;
    view.state.takeScale(before.automatic ? null : before.step, before.share);
    view.state.selection = before.selection;
    this.label();
    view.update();
    if (inside) this.button.focus();
  }
}
