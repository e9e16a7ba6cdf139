// What is said in words.

import { componentsText } from "../linked/counts.js";

export const keyOf = (layer, head) => `${layer},${head}`;

export const meanName = (layer) => `Layer ${layer}, mean`;

export function headName(key) {
  const [layer, head] = key.split(",");
  return head === "mean" ? `Layer ${layer}, mean of its heads` : `Layer ${layer}, head ${head}`;
}

export function countsText(cell) {
  if (!cell) return "not computed yet";
  const sides = cell.counts.map(([components, single], k) =>
    `${"AB"[k]}: ${componentsText(components, single)}`
  );
  const [a, b] = cell.scales;
  return `${a === b ? `Scale ${a}` : `Scales ${a} and ${b}`}. ${sides.join("; ")}`;
}

export const headText = (key, cell) => `${headName(key)}. ${countsText(cell)}`;

export function captionOf(data) {
  const chosen = data.link.share === undefined ? "scale" : "share of merges";
  const scale = data.one
    ? `All heads, and the means of heads, are painted at the ${chosen} that is chosen above`
    : "Each is painted at a scale of its own, at which nine of ten merges of both photos have " +
      "happened";
  return `${scale}. One colour is one ` +
    "component, the largest painted lightly; pale grey are components of two or three, grey ones " +
    "for which no colour was left; untinted patches stand alone. In the column “mean”, from the " +
    "photo’s side down to the model’s output, a component keeps its colour where it overlaps one " +
    "of the layer before; elsewhere equal colours mean nothing. Click a picture, or press Enter, " +
    "to open it in Compare.";
}
