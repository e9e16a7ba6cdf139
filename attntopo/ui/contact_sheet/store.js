// What the page has sent of photos and of one head on them. It comes as bytes, by components of
// their own, so that it isn't sent again with every move of the slider: the window holds it.

import { keyOf, unpack } from "../linked/unpack.js";

const SHEET_ARRIVED = "attntopo-sheet";
const MOST_PICTURES = 400;
const MOST_HEADS = 2; // that of the page, and the one before

const store = () =>
  globalThis.attntopoSheet ??= { seen: new Set(), pictures: new Map(), heads: new Map() };

// Take what Python's `figures/contact_sheet.py` has packed.
export async function keepMessage(packed) {
  const kept = store();
  const key = keyOf(packed);
  if (kept.seen.has(key)) return;
  kept.seen.add(key);
  const { document: sent, arrayOf } = await unpack(packed);
  if (sent.pictures) keepPictures(kept, sent.pictures, arrayOf);
  if (sent.heads) keepHeads(kept, sent.of, sent.heads, arrayOf);
  globalThis.dispatchEvent(new Event(SHEET_ARRIVED));
}

function keepPictures(kept, pictures, arrayOf) {
  for (const [id, array] of Object.entries(pictures)) {
    kept.pictures.set(id, new Blob([arrayOf(array)], { type: "image/jpeg" }));
  }
  for (const old of [...kept.pictures.keys()].slice(0, -MOST_PICTURES)) {
    kept.pictures.delete(old);
    kept.seen.clear(); // it may be sent again
  }
}

function keepHeads(kept, of, heads, arrayOf) {
  const known = kept.heads.get(of) ?? new Map();
  for (const [id, head] of Object.entries(heads)) known.set(id, decodedHead(head, arrayOf));
  kept.heads.delete(of);
  kept.heads.set(of, known);
  for (const old of [...kept.heads.keys()].slice(0, -MOST_HEADS)) {
    kept.heads.delete(old);
    kept.seen.clear();
  }
}

function decodedHead(head, arrayOf) {
  const whole = (array) => new Uint32Array(arrayOf(array).buffer);
  const { steps, survivors, absorbed, colours } = head.tree;
  const tree = {
    steps: whole(steps),
    survivors: whole(survivors),
    absorbed: whole(absorbed),
    colours: new Int8Array(arrayOf(colours).buffer),
  };
  const loops = { born: whole(head.loops.born), dies: whole(head.loops.dies) };
  return { ...head, tree, loops };
}

export const pictureOf = (id) => store().pictures.get(id);
export const headOf = (of, id) => store().heads.get(of)?.get(id);

export function onSheet(act, signal) {
  globalThis.addEventListener(SHEET_ARRIVED, act, { signal });
}
