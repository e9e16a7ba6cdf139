// The controls over the scale: slider, typed scale, jumps and Play.

import { mergesAt, OBJECTS_SHARE, stepAtShare, WHOLE_SHARE } from "./data.js";
import { BUTTON_TIPS, offerText, positionText, scaleText } from "./words.js";

const SWEEP_MS = 10000; // the whole scale
// How long until what was chosen is sent, unless something else is chosen meanwhile.
const [AFTER_SLIDE_MS, AFTER_JUMP_MS] = [60, 120];
const SHARE_RANGE = { first: 0, last: WHOLE_SHARE, stop: 10 };
const STOPS_A_PAGE = 10;
const NUMBER = /^\d{0,3}([.,]\d*)?$/;

export class ScaleControls {
  // `view` has the state, the outbox, and says what is drawn anew.
  constructor(root, view, signal) {
    this.view = view;
    this.find = (selector) => root.querySelector(selector);
    this.slider = this.find(".scale-range");
    this.typed = this.find(".scale-typed");
    this.playButton = this.find('[data-go="play"]');
    this.legend = this.find(".legend");
    this.leaders = [...root.querySelectorAll("[data-lead]")];
    const listen = (element, type, act) => element.addEventListener(type, act, { signal });
    listen(this.slider, "input", () => this.takeSlide(+this.slider.value));
    listen(this.slider, "change", () => view.outbox.tellSoon(AFTER_SLIDE_MS));
    listen(this.slider, "keydown", (event) => this.takeKey(event));
    listen(this.typed, "change", () => this.takeTyped());
    listen(this.typed, "input", () => this.typed.setCustomValidity(""));
    for (const button of root.querySelectorAll("[data-go]")) {
      button.title = BUTTON_TIPS[button.dataset.go];
      listen(button, "click", () => this.go(button.dataset.go));
    }
    for (const button of this.leaders) {
      button.title = BUTTON_TIPS[button.dataset.lead];
      listen(button, "click", () => this.leadBy(button.dataset.lead));
    }
    [this.slider.title, this.typed.title] = [BUTTON_TIPS.slide, BUTTON_TIPS.type];
    signal.addEventListener("abort", () => this.stop());
  }

  get state() {
    return this.view.state;
  }

  load(data) {
    this.data = data;
    this.anchor = this.slidTo = null; // where one has slid to is a chosen scale for these heads
  }

  // Where the slider begins, ends and stops; wider where a chosen scale lies beyond.
  get range() {
    if (this.state.share !== null) return SHARE_RANGE;
    const { first, last, stop } = this.data.range;
    const wider = this.anchor ?? first;
    return {
      first: Math.min(first, stop * Math.floor(wider / stop)),
      last: Math.max(last, stop * Math.ceil(wider / stop)),
      stop,
    };
  }

  // Any number -> the nearest place at which the slider stops: a chosen scale is one of them.
  nearestStop(value) {
    const { first, last, stop } = this.range;
    const places = [stop * Math.round(value / stop), first, last];
    if (this.state.share === null && this.anchor !== null) places.push(this.anchor);
    const inside = places.filter((place) => first <= place && place <= last);
    return inside.reduce((a, b) => Math.abs(b - value) < Math.abs(a - value) ? b : a);
  }

  // The place a stop on, or before.
  stopBeside(position, way) {
    const { first, last, stop } = this.range;
    const beside = way > 0
      ? stop * Math.floor(position / stop) + stop
      : stop * Math.ceil(position / stop) - stop;
    return Math.max(first, Math.min(last, beside));
  }

  // The next stop at which some number of components or loops is another than here; or the stop
  // before at which one became another than at the stop before that.
  nextChange(way) {
    const { state, range: { first, last } } = this;
    const here = String(state.numbersAt(state.position));
    let place = this.stopBeside(state.position, way);
    const changes = () => {
      const there = String(state.numbersAt(place));
      const other = way > 0 ? here : String(state.numbersAt(this.stopBeside(place, way)));
      return there !== other;
    };
    while (place !== (way > 0 ? last : first) && !changes()) place = this.stopBeside(place, way);
    return place;
  }

  takeKey(event) {
    const { first, last, stop } = this.range;
    const { position } = this.state;
    const acts = {
      ArrowRight: () => this.nextChange(1),
      ArrowUp: () => this.nextChange(1),
      ArrowLeft: () => this.nextChange(-1),
      ArrowDown: () => this.nextChange(-1),
      PageUp: () => this.nearestStop(Math.min(last, position + STOPS_A_PAGE * stop)),
      PageDown: () => this.nearestStop(Math.max(first, position - STOPS_A_PAGE * stop)),
      Home: () => first,
      End: () => last,
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    this.stop();
    this.slideTo(acts[event.key]());
    this.view.outbox.tellSoon(AFTER_SLIDE_MS);
  }

  takeSlide(value) {
    this.stop(); // what moves by itself would move the thumb back
    this.slideTo(this.nearestStop(value));
  }

  slideTo(position) {
    this.slidTo = position;
    this.view.slideTo(position);
  }

  show() {
    const { state, slider, typed } = this;
    const { position } = state;
    // What was chosen otherwise than by sliding is a stop from then on.
    if (state.share === null && position !== this.slidTo) this.anchor = position;
    const { first, last } = this.range;
    Object.assign(slider, { min: first, max: last });
    slider.value = position;
    slider.setAttribute("aria-valuetext", positionText(this.data, state));
    const shares = state.share !== null;
    const words = shares ? String(position / 100) : scaleText(this.data, position);
    // Digits that are being typed stay as they are where they mean this place.
    const same = this.read(typed.value) === position;
    if (!same || !typed.matches(":focus")) typed.value = words;
    for (const button of this.leaders) {
      const leads = (button.dataset.lead === "share") === shares;
      button.setAttribute("aria-pressed", String(leads));
    }
    this.find('.bar [data-go="objects"]').setAttribute(
      "aria-pressed",
      String(!shares && state.automatic),
    );
    this.showOffer();
  }

  // A way out where a side has nothing to see; its room is always kept.
  showOffer() {
    const { sides, objects } = this.data;
    const at = (steps) => sides.map((side, k) => seenAt(side, steps[k]));
    const here = at(sides.map((_, k) => this.state.stepOf(k)));
    const own = at(sides.map((side) => stepAtShare(side, OBJECTS_SHARE)));
    const both = this.state.share === null ? at(sides.map(() => objects)) : own;
    // Where no scale suits both, as where their distances are unlike, each has its own.
    const suits = countSeen(own) > countSeen(both) ? own : both;
    const useful = countSeen(suits) > countSeen(here);
    this.legend.classList.toggle("offering", useful);
    this.find(".offer-words").textContent = useful ? offerText(here) : "";
    const button = this.find(".offer button");
    button.dataset.go = suits === both ? "objects" : "own";
    button.textContent = suits === both ? "Go to the objects" : "Each at its own scale";
    button.title = BUTTON_TIPS[button.dataset.go];
  }

  // What was typed -> a step, or a share; NaN where it is neither.
  read(text) {
    const digits = text.trim();
    if (!NUMBER.test(digits) || !/\d/.test(digits)) return NaN;
    const shares = this.state.share !== null;
    const number = Math.round(+digits.replace(",", ".") * (shares ? 100 : this.data.steps_in_one));
    return number <= (shares ? WHOLE_SHARE : this.data.largest) ? number : NaN;
  }

  takeTyped() {
    const number = this.read(this.typed.value);
    this.stop();
    if (Number.isNaN(number)) {
      const most = this.state.share === null ? scaleText(this.data, this.data.largest) : "100";
      this.typed.setCustomValidity(`A number from 0 to ${most}, please.`);
      return this.typed.reportValidity();
    }
    if (this.state.share === null) this.view.moveTo(number);
    else this.view.slideTo(number);
    this.sayRounded(this.typed.value, number);
    return this.view.outbox.tell();
  }

  // What was typed finer than the slider's grid is shown as it was taken, in words too.
  sayRounded(text, number) {
    const exact = +text.trim().replace(",", ".") *
      (this.state.share === null ? this.data.steps_in_one : WHOLE_SHARE / 100);
    if (Math.abs(exact - number) < 1e-6) return;
    const words = this.state.share === null ? scaleText(this.data, number) : String(number / 100);
    this.typed.value = words;
    this.typed.setCustomValidity(`Rounded to ${words}.`);
    this.typed.reportValidity();
  }

  leadBy(what) {
    this.stop();
    this.state.leadBy(what);
    this.view.update();
    this.view.outbox.tell();
  }

  go(where) {
    const { data, view } = this;
    const wasPlaying = Boolean(this.frame);
    if (where === "story") return view.story.toggle();
    this.stop();
    if (where === "play") return wasPlaying ? view.outbox.tell() : this.play();
    // At shares an event of either photo counts from its own scale.
    const steps = [this.state.stepOf(0), this.state.stepOf(1)];
    const target = {
      next: data.events.find((event) => event > Math.max(...steps)),
      previous: data.events.findLast((event) => event < Math.min(...steps)),
      most: data.most_components,
    };
    if (where === "objects" || where === "own") view.goToObjects(where === "own");
    else if (target[where] !== undefined) view.moveTo(target[where]);
    return view.outbox.tellSoon(AFTER_JUMP_MS);
  }

  play() {
    const { first, last } = this.range;
    const from = this.state.position >= last ? first : this.state.position;
    const start = performance.now();
    const advance = (now) => {
      const gone = ((now - start) * (last - first)) / SWEEP_MS;
      const position = Math.min(last, Math.round(from + gone));
      this.slideTo(position);
      if (position < last) {
        this.frame = requestAnimationFrame(advance);
        return;
      }
      this.stop();
      this.view.outbox.tell();
    };
    this.frame = requestAnimationFrame(advance);
    this.labelPlay("Pause", true);
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.view.story?.end();
    this.labelPlay("Play", false);
  }

  labelPlay(label, pressed) {
    this.playButton.textContent = label;
    this.playButton.setAttribute("aria-pressed", String(pressed));
  }
}

// What is seen of a side at a step: "" where there is something, or what it is instead.
function seenAt(side, step) {
  const merges = mergesAt(side, step);
  if (merges === 0) return "nothing";
  return merges === side.tree.steps.length ? "one" : "";
}

const countSeen = (sides) => sides.filter((instead) => !instead).length;
