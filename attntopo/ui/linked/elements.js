// Elements that are made, not in view.html.

export function makeButton(label, act, attributes = {}) {
  const button = document.createElement("button");
  button.textContent = label;
  for (const [name, value] of Object.entries(attributes)) button.setAttribute(name, value);
  button.addEventListener("click", act);
  return button;
}

export function makeParagraph(className, words) {
  const paragraph = document.createElement("p");
  paragraph.className = className;
  paragraph.textContent = words;
  return paragraph;
}

// Words beside the pointer.
export class Tip {
  constructor(root) {
    this.tip = root.querySelector(".tip");
    this.frame = root.querySelector(".linked");
  }

  // The keyboard has no place for a tip: its events carry none.
  show(event, words) {
    this.tip.hidden = !event?.clientX;
    if (this.tip.hidden) return;
    const box = this.frame.getBoundingClientRect();
    this.tip.textContent = words;
    this.tip.style.left = `${Math.min(event.clientX - box.left + 14, box.width - 230)}px`;
    this.tip.style.top = `${event.clientY - box.top + 14}px`;
  }

  hide() {
    this.tip.hidden = true;
  }
}
