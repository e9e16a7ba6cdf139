// Pictures that take turns where all of them together would take too long for a frame.

const FOR_A_FRAME_MS = 4;

export class Turns {
  constructor() {
    this.next = 0;
  }

  // Calls what draws each picture; of many, as long as things move, those alone whose turn it is
  // and for which there is time. At rest it must be called again for `all`.
  draw(pictures, all) {
    const start = performance.now();
    for (let k = 0; k < pictures.length; k++) {
      const turn = (this.next + k) % pictures.length;
      if (!all && k && performance.now() - start > FOR_A_FRAME_MS) {
        this.next = turn;
        return;
      }
      pictures[turn]();
    }
  }
}
