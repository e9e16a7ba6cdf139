// A notice where nobody answers: a restarted server knows nothing of an open page's parts, and
// drops what they say unanswered.

const ANSWER_WITHIN_MS = 12000; // in which a busy server begins at least

export class Silence {
  // `notice` is an element, shown while the server is silent; its button goes to `address()`.
  constructor(notice, address, signal) {
    this.notice = notice;
    notice.querySelector("button").addEventListener("click", () => {
      location.assign(address());
    }, { signal });
    signal.addEventListener("abort", () => this.end());
  }

  // Something was said.
  expectAnswer() {
    const app = document.querySelector('[data-testid="stApp"]');
    if (!app) return;
    this.end();
    this.answer = new MutationObserver(() => this.hear());
    this.answer.observe(app, { attributeFilter: ["data-test-script-state"] });
    this.timer = setTimeout(() => {
      this.notice.hidden = false;
    }, ANSWER_WITHIN_MS);
  }

  // Somebody answers.
  hear() {
    this.end();
    this.notice.hidden = true;
  }

  end() {
    clearTimeout(this.timer);
    this.answer?.disconnect();
  }
}
