// Photos that the page has sent, by their keys: each once, whatever heads are shown on it. They
// come by a component of their own (photos.py), whose scope isn't this one: the window holds them.

const ARRIVED = "attntopo-photo";
const MOST = 12;

const photos = () => globalThis.attntopoPhotos ??= new Map();

export function keepPhoto(key, url) {
  const kept = photos();
  kept.delete(key);
  kept.set(key, url);
  for (const old of [...kept.keys()].slice(0, -MOST)) kept.delete(old);
  globalThis.dispatchEvent(new Event(ARRIVED));
}

export const photoUrl = (key) => photos().get(key);

export function onPhoto(act, signal) {
  globalThis.addEventListener(ARRIVED, act, { signal });
}
