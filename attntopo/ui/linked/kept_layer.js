// A layer of a canvas that is painted anew only when something that it follows has changed, and
// copied otherwise: while one slides, most of a picture stands still.

export class KeptLayer {
  // `follows` are values that are compared as they are: what is another object is another value.
  draw(ctx, follows, paint) {
    const { width, height } = ctx.canvas;
    if (!width || !height) return;
    const all = [width, height, ...follows];
    if (!this.follows || differ(this.follows, all)) {
      this.follows = all;
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [width, height];
      const own = canvas.getContext("2d", { willReadFrequently: true });
      own.setTransform(ctx.getTransform());
      paint(own);
      this.canvas = canvas;
    }
    ctx.save();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.canvas, 0, 0);
    ctx.restore();
  }
}

export function differ(some, others) {
  return some.length !== others.length || some.some((one, k) => !Object.is(one, others[k]));
}
