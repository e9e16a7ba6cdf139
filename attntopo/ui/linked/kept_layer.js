// A layer of a canvas that is painted anew only when something that it follows has changed, and
// copied otherwise: while one slides, most of a picture stands still.

export class KeptLayer {
  // `follows` are values that are compared as they are: what is another object is another value.
  draw(ctx, follows, paint) {
    const { width, height } = ctx.canvas;
    if (!width || !height) return;
    const all = [width, height, ...follows];
    if (!this.follows || differ(this.follows, all)) {
      this.follows = null; // until it is painted
      const own = this.cleared(width, height);
      own.save();
      own.setTransform(ctx.getTransform());
      try {
        paint(own);
      } finally {
        own.restore();
      }
      this.follows = all;
    }
    ctx.save();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.canvas, 0, 0);
    ctx.restore();
  }

  // Its own canvas, the same one as long as the size is.
  cleared(width, height) {
    if (this.canvas?.width !== width || this.canvas?.height !== height) {
      this.canvas = document.createElement("canvas");
      [this.canvas.width, this.canvas.height] = [width, height];
    }
    const own = this.canvas.getContext("2d", { willReadFrequently: true });
    own.resetTransform();
    own.clearRect(0, 0, width, height);
    return own;
  }
}

export function differ(some, others) {
  return some.length !== others.length || some.some((one, k) => !Object.is(one, others[k]));
}
