// What goes up to Python: one value, at once or after a moment, and a notice where nobody answers.

const ANSWER_WITHIN_MS = 12000; // in which a busy server begins at least

export class Outbox {
  // `compose` returns what is to be said now; `notice` is shown while the server is silent.
  constructor(compose, notice, signal) {
    Object.assign(this, { compose, notice, signal });
    this.sent = 0; // number of the message sent last; it grows through a reload too
    this.pending = false;
    signal.addEventListener("abort", () => this.close());
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
    this.expectAnswer();
  }

  // A restarted server knows nothing of an open page's parts, and drops what they say unanswered.
  expectAnswer() {
    const app = document.querySelector('[data-testid="stApp"]');
    if (!app) return;
    clearTimeout(this.silence);
    this.answer?.disconnect();
    this.answer = new MutationObserver(() => {
      clearTimeout(this.silence);
      this.answer.disconnect();
      this.notice.hidden = true;
    });
    this.answer.observe(app, { attributeFilter: ["data-test-script-state"] });
    this.silence = setTimeout(() => {
      this.notice.hidden = false;
    }, ANSWER_WITHIN_MS);
  }

  close() {
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    this.answer?.disconnect();
  }
}
