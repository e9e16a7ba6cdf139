// The shifts of a knock-out on one axis: regions and translations as dots, the selected one's as a
// line. It is SVG whose places are shares of the width, so it fits any.

import { shiftsText, shiftText } from "./knock_out_words.js";

const SVG_SPACE = "http://www.w3.org/2000/svg";
const SHIFT_ROWS = { regions: 22, translations: 38 };
const [OWN_Y, AXIS_Y, WORDS_Y, STRIP_HEIGHT] = [10, 48, 59, 62];

export function drawShifts(box, asked) {
  const { shift, regions, translations } = asked;
  const end = Math.max(shift, ...regions, ...translations) || 1;
  const at = (value) => `${(100 * value) / end}%`;
  const rows = Object.entries(SHIFT_ROWS);
  const dots = rows.flatMap(([name, cy]) =>
    asked[name].map((value) => makeSvg("circle", { cx: at(value), cy, r: 3 }))
  );
  const own = { class: "own", x1: at(shift), x2: at(shift), y1: OWN_Y + 4, y2: AXIS_Y };
  // The words stay in the picture.
  const anchor = shift < end / 4 ? "start" : shift > (3 * end) / 4 ? "end" : "middle";
  const svg = makeSvg("svg", { height: STRIP_HEIGHT, width: "100%", "aria-hidden": "true" });
  svg.append(
    makeSvg("line", { class: "axis", x1: 0, x2: "100%", y1: AXIS_Y, y2: AXIS_Y }),
    ...dots,
    makeSvg("line", own),
    svgText("these patches", at(shift), OWN_Y, anchor),
    svgText("0", 0, WORDS_Y, "start"),
    svgText("how far the class token moves", "50%", WORDS_Y, "middle"),
    svgText(shiftText(end), "100%", WORDS_Y, "end"),
  );
  box.replaceChildren(namesOf(rows), svg);
  box.setAttribute("aria-label", shiftsText(asked));
}

function namesOf(rows) {
  const names = document.createElement("div");
  names.setAttribute("aria-hidden", "true");
  names.append(...rows.map(([name]) => {
    const label = document.createElement("span");
    label.textContent = name;
    return label;
  }));
  return names;
}

function makeSvg(name, attributes) {
  const element = document.createElementNS(SVG_SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function svgText(words, x, y, anchor) {
  const element = makeSvg("text", { x, y, "text-anchor": anchor });
  element.textContent = words;
  return element;
}
