// "Copy link": the address of what is shown, into the clipboard; where a photo is private it offers
// to publish it first.

const SAID_MS = 2500; // how long the button says that it has copied

// Older browsers, and pages that came over plain http, have no clipboard for scripts but this.
function copyBySelecting(text, root) {
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.style.cssText = "position:fixed;top:0;left:0;opacity:0;";
  root.append(area); // within an open dialog: nothing outside can be selected then
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
  }
}

class CopyLink {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.button = this.find(".copy");
    this.dialog = this.find(".ask");
    this.life = new AbortController();
    const { signal } = this.life;
    const acts = {
      copy: () => this.data.question ? this.ask() : this.copy(),
      publish: () => this.publish(),
      "as-it-is": () => this.copy(),
      close: () => this.dialog.close(),
    };
    for (const [name, act] of Object.entries(acts)) {
      this.find(`.${name}`).addEventListener("click", act, { signal });
    }
    this.find(".address").addEventListener("focus", (event) => event.target.select(), { signal });
    this.dialog.addEventListener("close", () => this.asked = null, { signal });
  }

  // Called when the page is left.
  close() {
    clearTimeout(this.quiet);
    this.life.abort();
  }

  // What Python sends: what to ask first, if anything, and what came of publishing.
  take(data) {
    this.data = data;
    const { answer } = data;
    if (!this.asked || answer?.number !== this.asked) return;
    this.asked = null;
    this.published = answer.photos;
    if (answer.error) this.ask(answer.error);
    else this.copy();
  }

  // The address of what is shown: parts of the page add what the address bar doesn't say yet.
  address() {
    const address = new URL(location.href);
    address.hash = "";
    for (const [side, name] of Object.entries(this.published ?? {})) {
      address.searchParams.set(side, name); // where the bar isn't rewritten yet
    }
    dispatchEvent(new CustomEvent("attntopo-address", { detail: address }));
    return address.href;
  }

  async copy() {
    const address = this.address();
    this.published = null;
    let copied = false;
    try {
      await navigator.clipboard.writeText(address);
      copied = true;
    } catch {
      copied = copyBySelecting(address, this.dialog.open ? this.dialog : document.body);
    }
    if (copied) this.say();
    else this.show(address);
  }

  say() {
    this.dialog.close();
    this.button.textContent = "Copied";
    this.find(".said").textContent = "Link copied";
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      this.button.textContent = "Copy link";
      this.find(".said").textContent = "";
    }, SAID_MS);
  }

  // Asks before anything is copied; after an error, once more.
  ask(error = "") {
    const { question, publish, as_it_is } = this.data;
    this.fill({ words: question, error, publish: publish.length > 0, asItIs: as_it_is });
    (publish.length ? this.find(".publish") : this.find(".as-it-is")).focus();
  }

  // Where the browser lets no script copy, or not any more: by another press, or by hand.
  show(address) {
    this.fill({ words: "The browser didn't let the page copy the link.", asItIs: "Copy link" });
    this.find(".by-hand").hidden = false;
    this.find(".address").value = address;
    this.find(".address").focus();
  }

  fill({ words, error = "", publish = false, asItIs }) {
    this.find(".words").textContent = words;
    this.find(".error").textContent = error;
    this.find(".error").hidden = !error;
    this.find(".by-hand").hidden = true;
    this.find(".publish").hidden = !publish;
    this.find(".as-it-is").textContent = asItIs;
    this.busy(false);
    if (!this.dialog.open) this.dialog.showModal();
  }

  publish() {
    this.asked = Date.now();
    this.busy(true);
    this.send({ publish: this.data.publish, number: this.asked });
  }

  busy(is) {
    this.find(".publish").textContent = is ? "Publishing …" : "Publish and copy";
    for (const name of ["publish", "as-it-is"]) this.find(`.${name}`).disabled = is;
  }
}

// Streamlit calls it at every rerun, and what it returned last when the page is left.
export default function mount({ parentElement, data: [data], setStateValue }) {
  const link = parentElement.copyLink ??= new CopyLink(parentElement);
  const call = link.lastCall = {};
  link.send = (wish) => setStateValue("wish", wish);
  link.take(data);
  return () => {
    if (link.lastCall !== call) return; // a later call lives on
    link.close();
    delete parentElement.copyLink;
  };
}
