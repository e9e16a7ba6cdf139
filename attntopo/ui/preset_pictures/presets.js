// The row of presets: real links, so that they can be opened in a new tab; a plain click stays in
// this session.

function mark(link, shown) {
  if (shown) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}

function presetLink({ label, seen, query, picture, shown, lacks }, choose) {
  const link = document.createElement("a");
  link.href = `?${query}`;
  link.title = lacks ? `${seen} It ${lacks}.` : seen;
  mark(link, shown);
  const image = document.createElement("img");
  [image.src, image.alt] = [picture, ""];
  const frame = document.createElement("span");
  frame.className = "picture";
  frame.append(image);
  link.append(frame, label);
  if (lacks) {
    link.classList.add("lacking");
    const words = document.createElement("span");
    words.className = "unseen";
    words.textContent = ` (${lacks})`;
    link.append(words);
  }
  link.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    choose(label);
  });
  return link;
}

// Why a preset isn't shown, over what lies beneath the row, so that nothing moves: until the next
// click or key.
class Refusal {
  constructor(place) {
    this.place = place;
    this.number = 0;
    this.life = new AbortController();
    const { signal } = this.life;
    for (const kind of ["pointerdown", "keydown"]) {
      addEventListener(kind, () => place.textContent = "", { signal, capture: true });
    }
  }

  take(refusal) {
    if (!refusal || refusal.number === this.number) return;
    this.number = refusal.number;
    this.place.textContent = refusal.reason;
  }
}

export default function ({ parentElement, data: [data], setTriggerValue }) {
  const row = parentElement.querySelector(".attntopo-presets nav");
  const refusal = parentElement.refusal ??= new Refusal(
    parentElement.querySelector(".attntopo-presets p"),
  );
  refusal.take(data.refusal);
  const call = refusal.lastCall = {};
  const choose = (label) => setTriggerValue("preset", label);
  const focused = parentElement.activeElement?.title ?? document.activeElement?.title;
  row.replaceChildren(...data.presets.map((one) => presetLink(one, choose)));
  // The row is drawn anew once a preset is chosen, and the keyboard stays where it was.
  if (focused) [...row.children].find(({ title }) => title === focused)?.focus();
  // The one that was shown is so no longer, and is again, as the visitor moves on and back.
  const follow = ({ detail: { scale, share, pick } }) =>
    data.presets.forEach((one, k) => {
      const same = scale === one.scale && share === one.share && pick === one.pick;
      mark(row.children[k], one.shown && same);
    });
  addEventListener("attntopo-shown", follow);
  return () => {
    removeEventListener("attntopo-shown", follow);
    if (refusal.lastCall !== call) return; // a later call lives on
    refusal.life.abort();
    delete parentElement.refusal;
  };
}
