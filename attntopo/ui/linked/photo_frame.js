// Where the photo and its patch grid lie on a canvas. All in shares of the photo's width and
// height, so that a processor that squashes, crops or pads is drawn as it is.

export const WHOLE = [0, 0, 1, 1];

// What is shown: the whole photo, with what the processor added around it, in the photo's own
// ratio; or the patch grid alone, its patches as wide and tall as the model took them for.
export function frameOf({ photo: { size, box }, grid: [rows, columns], stretch }, kind) {
  // Of a row of tokens the patches are drawn taller than wide, else none of it could be seen.
  if (kind === "model" || stretch !== 1) {
    return { shown: box, ratio: columns / (rows * stretch) };
  }
  const shown = [0, 1, 2, 3].map((k) => (k < 2 ? Math.min : Math.max)(WHOLE[k], box[k]));
  const [left, top, right, bottom] = shown;
  return { shown, ratio: ((right - left) * size[0]) / ((bottom - top) * size[1]) };
}

// A box of the photo in the canvas' pixels: x, y, width, height.
export function boxOnCanvas([left, top, right, bottom], box, width, height) {
  const [across, down] = [width / (right - left), height / (bottom - top)];
  return [
    (box[0] - left) * across,
    (box[1] - top) * down,
    (box[2] - box[0]) * across,
    (box[3] - box[1]) * down,
  ];
}
