// What goes up to Python: one value, at once or after a moment.

export class Outbox {
  // `compose` returns what is to be said now; `silence` is told that an answer is due.
  constructor(compose, silence, signal) {
    Object.assign(this, { compose, silence, signal });
    this.sent = 0; // number of the message sent last; it grows through a reload too
    this.pending = false;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  tellSoon(wait) {
    clearTimeout(this.timer);
    this.pending = true;
    this.timer = setTimeout(() => this.tell(), wait);
  }

  tell() {
    clearTimeout(this.timer);
    this.pending = false;
    if (this.signal.aborted) return;
    this.sent = Math.max(this.sent + 1, Date.now());
    this.send({ ...this.compose(), sent: this.sent });
    this.silence.expectAnswer();
  }
}
