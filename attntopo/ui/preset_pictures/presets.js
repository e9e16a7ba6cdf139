// The row of presets: real links, so that they can be opened in a new tab; a plain click stays in
// this session.

function mark(link, shown) {
  if (shown) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}

function presetLink({ label, seen, query, picture, shown }, choose) {
  const link = document.createElement("a");
  link.href = `?${query}`;
  link.title = seen;
  mark(link, shown);
  const image = document.createElement("img");
  [image.src, image.alt] = [picture, ""];
  link.append(image, label);
  link.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    choose(label);
  });
  return link;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const row = parentElement.querySelector(".attntopo-presets");
  const choose = (label) => setTriggerValue("preset", label);
  const focused = parentElement.activeElement?.title ?? document.activeElement?.title;
  row.replaceChildren(...data.presets.map((one) => presetLink(one, choose)));
  // The row is drawn anew once a preset is chosen, and the keyboard stays where it was.
  if (focused) [...row.children].find(({ title }) => title === focused)?.focus();
  // The one that was shown is so no longer, and is again, as the visitor moves on and back.
  const follow = ({ detail: { scale, share, pick } }) =>
    data.presets.forEach((one, k) => {
      const same = scale === one.scale && share === null && pick === one.pick;
      mark(row.children[k], one.shown && same);
    });
  addEventListener("attntopo-shown", follow);
  return () => removeEventListener("attntopo-shown", follow);
}
