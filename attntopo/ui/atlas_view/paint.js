// Components painted on a photo: pixels, and no elements.

const ALONE = "."; // the letter of a patch that is a component by itself
const OPACITY = 0.6; // of a component's colour over the photo in grey
const OPACITY_OF_LARGEST = 0.25; // over the photo as it is: when all is one, it still is a photo
const MOST_SIZES = 4;
const BORDER = [255, 255, 255];

// The letter of the coloured component with the most patches; null where none is coloured. At any
// one scale no two components have the same colour.
export function largestOf(letters) {
  const counts = new Map();
  for (const letter of letters) {
    if (/\d/.test(letter)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  return [...counts].reduce((best, one) => one[1] > best[1] ? one : best, [null, 0])[0];
}

// Photo and paint mixed. `photo` has four bytes a pixel, `letters` one a patch, row by row;
// `border` is how many pixels wide the line between two colours is.
export function paintedPixels(photo, [width, height], [rows, columns], letters, palette, border) {
  const painted = new Uint8ClampedArray(photo);
  const light = largestOf(letters);
  const places = (size, count) =>
    Int32Array.from({ length: size }, (_, k) => Math.floor((k * count) / size));
  const [rowOf, columnOf] = [places(height, rows), places(width, columns)];
  const letterAt = (x, y) => letters[rowOf[y] * columns + columnOf[x]];
  for (let y = 0; y < height; y++) {
    const [above, below] = [Math.max(0, y - border), rowOf[y] * columns];
    for (let x = 0; x < width; x++) {
      const letter = letters[below + columnOf[x]];
      const at = 4 * (y * width + x);
      const edge = border > 0 &&
        (letterAt(Math.max(0, x - border), y) !== letter || letterAt(x, above) !== letter);
      if (edge) painted.set(BORDER, at);
      else if (letter !== ALONE) tint(painted, at, palette[letter], letter === light);
    }
  }
  return painted;
}

function tint(pixels, at, colour, lightly) {
  const grey = 0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2];
  const share = lightly ? OPACITY_OF_LARGEST : OPACITY;
  for (let k = 0; k < 3; k++) {
    const ground = lightly ? pixels[at + k] : grey;
    pixels[at + k] = (1 - share) * ground + share * colour[k];
  }
}

// A photo that is painted at several sizes.
export class PaintedPhoto {
  constructor(image, { grid }, palette) {
    Object.assign(this, { image, grid, palette, sizes: new Map() });
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
    const photo = this.pixelsAt(width, height);
    const pixels = letters
      ? paintedPixels(photo, [width, height], this.grid, letters, this.palette, border)
      : photo;
    ctx.putImageData(new ImageData(new Uint8ClampedArray(pixels), width, height), x, 0);
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
