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
  if (sent.pictures) await keepPictures(kept, sent.pictures, arrayOf);
  if (sent.heads) await keepHeads(kept, sent.of, sent.heads, arrayOf);
  globalThis.dispatchEvent(new Event(SHEET_ARRIVED));
}

async function keepPictures(kept, pictures, arrayOf) {
  const blobs = await Promise.all(
    Object.entries(pictures).map(async ([id, array]) => {
      return [id, new Blob([await arrayOf(array)], { type: "image/jpeg" })];
    }),
  );
  for (const [id, blob] of blobs) kept.pictures.set(id, blob);
  for (const old of [...kept.pictures.keys()].slice(0, -MOST_PICTURES)) {
    kept.pictures.delete(old);
    kept.seen.clear(); // it may be sent again
  }
}

async function keepHeads(kept, of, heads, arrayOf) {
  const decoded = await Promise.all(
    Object.entries(heads).map(async ([id, head]) => [id, await decodedHead(head, arrayOf)]),
  );
  // Only now: another message of the same head may have come meanwhile.
  const known = kept.heads.get(of) ?? new Map();
  for (const [id, head] of decoded) known.set(id, head);
  kept.heads.delete(of);
  kept.heads.set(of, known);
  for (const old of [...kept.heads.keys()].slice(0, -MOST_HEADS)) {
    kept.heads.delete(old);
    kept.seen.clear();
  }
}

async function decodedHead(head, arrayOf) {
  const whole = async (array) => new Uint32Array((await arrayOf(array)).buffer);
  const { steps, survivors, absorbed, colours } = head.tree;
  const tree = {
    steps: await whole(steps),
    survivors: await whole(survivors),
    absorbed: await whole(absorbed),
    colours: new Int8Array((await arrayOf(colours)).buffer),
  };
  const loops = { born: await whole(head.loops.born), dies: await whole(head.loops.dies) };
  return { ...head, tree, loops };
}

export const pictureOf = (id) => store().pictures.get(id);
export const headOf = (of, id) => store().heads.get(of)?.get(id);

export function onSheet(act, signal) {
  globalThis.addEventListener(SHEET_ARRIVED, act, { signal });
}
