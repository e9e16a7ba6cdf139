// What is said in words.

const counted = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

export const keyOf = (layer, head) => `${layer},${head}`;

export function headName(key) {
  const [layer, head] = key.split(",");
  return head === "mean" ? `Layer ${layer}, mean of its heads` : `Layer ${layer}, head ${head}`;
}

export function countsText(cell) {
  if (!cell) return "not computed yet";
  const sides = cell.counts.map(([several, single], k) =>
    `${"AB"[k]}: ${counted(several, "component")}, ${single} single`
  );
  const [a, b] = cell.scales;
  return `${a === b ? `Scale ${a}` : `Scales ${a} and ${b}`}. ${sides.join("; ")}`;
}

export const headText = (key, cell) => `${headName(key)}. ${countsText(cell)}`;

export function captionOf(data) {
  const chosen = data.link.share === undefined ? "scale" : "share of merges";
  const scale = data.one
    ? `Heads are painted at the chosen ${chosen}, means of heads each at a scale of its own`
    : "Each is painted at a scale of its own";
  return `${scale}, at which nine of ten merges of both photos have happened. One colour is one ` +
    "component, the largest painted lightly; pale grey are components of two or three, grey ones " +
    "for which no colour was left; untinted patches stand alone. In the column “mean”, from the " +
    "photo’s side down to the model’s output, a component keeps its colour where it overlaps one " +
    "of the layer before; elsewhere equal colours mean nothing. Click a picture, or press Enter, " +
    "to open it in Compare.";
}
