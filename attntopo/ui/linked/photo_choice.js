// Which photo a side shows: chosen from the list on it, dropped on it, or uploaded. The files go
// the way of the page's own upload fields, with their checks.

const MEGABYTE = 1e6;

export class PhotoChoice {
  // `say` tells which photo was chosen.
  constructor(box, letter, say, signal) {
    this.letter = letter;
    this.box = box.querySelector(".photo-box");
    this.list = box.querySelector(".photo-choice");
    this.refusal = box.querySelector(".refusal");
    const button = box.querySelector(".upload");
    this.list.setAttribute("aria-label", `Photo ${letter}`);
    button.setAttribute("aria-label", `Upload a photo or attention for ${letter}`);
    button.title = `Upload a photo or a file of attention for ${letter}, or drop one here`;
    box.querySelector(".name b").textContent = letter;
    this.list.addEventListener("change", () => say(this.list.value), { signal });
    const own = document.createElement("input");
    Object.assign(own, { type: "file", hidden: true });
    button.after(own);
    button.addEventListener("click", () => own.click(), { signal });
    own.addEventListener("change", () => {
      if (own.files.length) this.hand(own.files);
      own.value = ""; // the same file can be chosen again
    }, { signal });
    this.takeDrops(signal);
  }

  load({ options, chosen, refused, megabytes }) {
    this.megabytes = megabytes;
    const shown = JSON.stringify([options, chosen]);
    if (this.shown !== shown) {
      this.shown = shown;
      this.list.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
      this.refuse("");
    }
    this.list.value = chosen;
    if (this.refused !== refused) this.refuse(this.refused = refused);
  }

  refuse(words) {
    this.refusal.textContent = words;
    this.refusal.hidden = !words;
  }

  // Streamlit's own field; it is another one after each upload.
  field() {
    const name = `[class*="st-key-upload-${this.letter.toLowerCase()}"] input[type=file]`;
    return document.querySelector(name);
  }

  takeDrops(signal) {
    const over = (is) => (event) => {
      event.preventDefault();
      this.box.classList.toggle("dropping", is);
    };
    const acts = { dragover: over(true), dragleave: over(false), drop: over(false) };
    for (const [type, act] of Object.entries(acts)) {
      this.box.addEventListener(type, act, { signal });
    }
    this.box.addEventListener("drop", ({ dataTransfer }) => {
      if (dataTransfer.files.length) this.hand(dataTransfer.files);
    }, { signal });
  }

  // The field drops what is too large without a word in sight: so it is said here.
  hand(files) {
    const [file] = files;
    const why = this.fault(file, files.length);
    this.refuse(why);
    this.refused = ""; // the server's last word was of another file
    const field = this.field();
    if (why || !field) return;
    const passed = new DataTransfer();
    passed.items.add(file);
    field.files = passed.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  fault({ name, size }, count) {
    if (count > 1) return "One file at a time, please.";
    // What is in a file decides what it is: only its name says so before it is read.
    const most = this.megabytes[/\.npz$/i.test(name) ? "attention" : "photo"];
    if (size > most * MEGABYTE) {
      return `${name} has ${(size / MEGABYTE).toFixed(1)} MB; at most ${most} MB, please.`;
    }
    return "";
  }
}
