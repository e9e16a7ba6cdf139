// Pairs of heads that the page has sent, by their keys. They come as bytes, by a component of their
// own (heads.py), so that they aren't sent again with every word about them: the window holds them.

const HEADS_ARRIVED = "attntopo-heads";
const HEADS_KEPT = 2;

const heads = () => globalThis.attntopoHeads ??= new Map();

export function keepHeads(key, packed) {
  const kept = heads();
  kept.delete(key);
  kept.set(key, packed);
  for (const old of [...kept.keys()].slice(0, -HEADS_KEPT)) kept.delete(old);
  globalThis.dispatchEvent(new Event(HEADS_ARRIVED));
}

export const packedHeads = (key) => heads().get(key);

export function onHeads(act, signal) {
  globalThis.addEventListener(HEADS_ARRIVED, act, { signal });
}
