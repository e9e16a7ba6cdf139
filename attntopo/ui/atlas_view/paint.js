// Components painted on a photo: pixels, and no elements.

const ALONE = "."; // the letter of a patch that is a component by itself
const OPACITY = 0.6; // of a component's colour over the photo in grey
const OPACITY_OF_LARGEST = 0.25; // over the photo as it is: when all is one, it still is a photo
const MOST_SIZES = 4;
const WHOLE = [0, 0, 1, 1];

// The letter of the coloured component with the most patches; null where none is coloured. At any
// one scale no two components have the same colour.
export function largestOf(letters) {
  const counts = new Map();
  for (const letter of letters) {
    if (/\d/.test(letter)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  return [...counts].reduce((best, one) => one[1] > best[1] ? one : best, [null, 0])[0];
}

// Where each of `count` patches begins, and the last one ends, in pixels of `size`; the patches lie
// from `start` to `end`, in sizes.
function patchBeginnings(size, count, [start, end]) {
  const begins = new Int32Array(count + 1);
  const patchOf = (pixel) => Math.floor(((pixel - start * size) * count) / ((end - start) * size));
  for (let patch = 0, pixel = 0; patch <= count; patch++) {
    while (pixel < size && patchOf(pixel) < patch) pixel++;
    begins[patch] = pixel;
  }
  return begins;
}

// Photo and paint mixed. `photo` has four bytes a pixel, `letters` one a patch, row by row;
// `border` is how many pixels wide the line between two colours is. `box` is where the patches lie
// on the photo: left, top, right and bottom, in its widths and heights.
export function paintedPixels(
  photo,
  [width, height],
  [rows, columns],
  letters,
  palette,
  border,
  box = WHOLE,
) {
  const painted = new Uint8ClampedArray(photo);
  const light = largestOf(letters);
  const x = patchBeginnings(width, columns, [box[0], box[2]]);
  const y = patchBeginnings(height, rows, [box[1], box[3]]);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const letter = letters[row * columns + column];
      const patch = [x[column], y[row], x[column + 1], y[row + 1]];
      if (letter !== ALONE) tint(painted, width, patch, palette[letter], letter === light);
    }
  }
  for (let patch = 0; border > 0 && patch < rows * columns; patch++) {
    const [row, column] = [Math.floor(patch / columns), patch % columns];
    const [left, top, right, bottom] = [x[column], y[row], x[column + 1], y[row + 1]];
    if (column > 0 && letters[patch - 1] !== letters[patch]) {
      whiten(painted, width, [left, top, Math.min(left + border, right), bottom]);
    }
    if (row > 0 && letters[patch - columns] !== letters[patch]) {
      whiten(painted, width, [left, top, right, Math.min(top + border, bottom)]);
    }
  }
  return painted;
}

// It is what a sheet of many photos spends its time in: no calls for a pixel, no arrays.
function tint(pixels, width, [left, top, right, bottom], [red, green, blue], lightly) {
  const share = lightly ? OPACITY_OF_LARGEST : OPACITY;
  const rest = 1 - share;
  const [paintRed, paintGreen, paintBlue] = [share * red, share * green, share * blue];
  for (let y = top; y < bottom; y++) {
    const end = 4 * (y * width + right);
    for (let at = 4 * (y * width + left); at < end; at += 4) {
      if (lightly) {
        pixels[at] = rest * pixels[at] + paintRed;
        pixels[at + 1] = rest * pixels[at + 1] + paintGreen;
        pixels[at + 2] = rest * pixels[at + 2] + paintBlue;
      } else {
        const grey = rest * (0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2]);
        pixels[at] = grey + paintRed;
        pixels[at + 1] = grey + paintGreen;
        pixels[at + 2] = grey + paintBlue;
      }
    }
  }
}

function whiten(pixels, width, [left, top, right, bottom]) {
  for (let y = top; y < bottom; y++) {
    pixels.fill(255, 4 * (y * width + left), 4 * (y * width + right));
  }
}

// A photo that is painted at several sizes.
export class PaintedPhoto {
  constructor(image, { grid, box }, palette) {
    Object.assign(this, { image, grid, box, palette, sizes: new Map() });
  }

  // The photo's pixels at a size: scaled once.
  pixelsAt(width, height) {
    const size = `${width}x${height}`;
    if (!this.sizes.has(size)) {
      if (this.sizes.size > MOST_SIZES) this.sizes.clear(); // the window was resized
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [width, height];
      const ctx = canvas.getContext("2d", { willReadFrequently: true });
      ctx.imageSmoothingQuality = "high";
      ctx.drawImage(this.image, 0, 0, width, height);
      this.sizes.set(size, ctx.getImageData(0, 0, width, height).data);
    }
    return this.sizes.get(size);
  }

  // Paint at x, without letters the photo alone.
  paint(ctx, x, [width, height], letters, border) {
    const { grid, box, palette } = this;
    const photo = this.pixelsAt(width, height);
    const pixels = letters
      ? paintedPixels(photo, [width, height], grid, letters, palette, border, box)
      : photo;
    ctx.putImageData(new ImageData(pixels, width, height), x, 0);
  }
}

export const deviceRatio = () => Math.min(2, globalThis.devicePixelRatio || 1);

// Give a canvas its size in pixels of the page; returns what draws on it.
export function sizedCanvas(canvas, width, height) {
  const ratio = deviceRatio();
  [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
  [canvas.width, canvas.height] = [width, height].map((size) => Math.round(size * ratio));
  return canvas.getContext("2d", { willReadFrequently: true });
}
