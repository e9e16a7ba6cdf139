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
function patchBeginnings(size, count, start, end) {
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
export function paintedPixels(photo, [width, height], grid, letters, palette, border, box = WHOLE) {
  const painting = new Painting(photo, [width, height], grid, palette, border, box);
  painting.follow(letters);
  return painting.pixels;
}

// One picture, of which only those patches are painted anew that look different than before.
class Painting {
  constructor(photo, [width, height], [rows, columns], palette, border, box) {
    Object.assign(this, { photo, width, height, rows, columns, palette, border });
    this.pixels = new Uint8ClampedArray(photo);
    this.x = patchBeginnings(width, columns, box[0], box[2]);
    this.y = patchBeginnings(height, rows, box[1], box[3]);
    this.letters = ALONE.repeat(rows * columns); // the photo as it is
    this.light = null;
  }

  // Paint what these letters change; returns left, top, right and bottom of that, or null.
  follow(letters) {
    const { columns, rows, letters: before, light: lightBefore } = this;
    const light = largestOf(letters);
    const stale = new Uint8Array(rows * columns);
    for (let patch = 0; patch < stale.length; patch++) {
      const [now, was] = [letters[patch], before[patch]];
      if (now === was && (now === light) === (was === lightBefore)) continue;
      stale[patch] = 1;
      // The line to the patch on the right, or below, is drawn with that one.
      if (now !== was && (patch + 1) % columns) stale[patch + 1] = 1;
      if (now !== was && patch + columns < stale.length) stale[patch + columns] = 1;
    }
    Object.assign(this, { letters, light });
    let [left, top, right, bottom] = [this.width, this.height, 0, 0];
    stale.forEach((isStale, patch) => {
      if (!isStale) return;
      const place = this.paintPatch(patch);
      left = Math.min(left, place[0]);
      top = Math.min(top, place[1]);
      right = Math.max(right, place[2]);
      bottom = Math.max(bottom, place[3]);
    });
    return right > left ? [left, top, right, bottom] : null;
  }

  paintPatch(patch) {
    const { pixels, photo, width, columns, letters, light, palette, border, x, y } = this;
    const [row, column, letter] = [Math.floor(patch / columns), patch % columns, letters[patch]];
    const place = [x[column], y[row], x[column + 1], y[row + 1]];
    const [left, top, right, bottom] = place;
    for (let line = top; line < bottom; line++) {
      const [begin, end] = [4 * (line * width + left), 4 * (line * width + right)];
      pixels.set(photo.subarray(begin, end), begin);
    }
    if (letter !== ALONE) tint(pixels, width, place, palette[letter], letter === light);
    if (border > 0 && column > 0 && letters[patch - 1] !== letter) {
      whiten(pixels, width, [left, top, Math.min(left + border, right), bottom]);
    }
    if (border > 0 && row > 0 && letters[patch - columns] !== letter) {
      whiten(pixels, width, [left, top, right, Math.min(top + border, bottom)]);
    }
    return place;
  }
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

// A canvas with one photo, painted anew again and again.
export class FollowingCanvas {
  constructor(canvas, photo) {
    Object.assign(this, { canvas, photo, shape: null, painting: null });
  }

  // `size` is in pixels of the page; without letters it is the photo alone.
  paint(size, letters, border) {
    const shape = `${size} ${deviceRatio()}`;
    if (this.shape !== shape) {
      this.shape = shape;
      this.ctx = sizedCanvas(this.canvas, ...size);
      const { width, height } = this.canvas;
      const { grid, box = WHOLE, palette } = this.photo;
      const pixels = this.photo.pixelsAt(width, height);
      this.painting = new Painting(pixels, [width, height], grid, palette, border, box);
      this.image = new ImageData(this.painting.pixels, width, height);
      this.ctx.putImageData(this.image, 0, 0);
    }
    const changed = this.painting.follow(letters ?? ALONE.repeat(this.painting.letters.length));
    if (!changed) return;
    const [left, top, right, bottom] = changed;
    this.ctx.putImageData(this.image, 0, 0, left, top, right - left, bottom - top);
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
