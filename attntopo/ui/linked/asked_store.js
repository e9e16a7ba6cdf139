// What is computed piece by piece once the browser asks for it: ranks under nulls ("evidence"),
// patches knocked out ("knock-out"). Each comes by a component of its own (evidence.py,
// knock_outs.py): the window holds the last of it, and carries what is asked.

const LOOK_AGAIN_MS = 400;

const newsOf = (what) => `attntopo-${what}`;
const wishOf = (what) => `attntopo-${what}-asked`;

// What such a component does: it keeps what came, passes on what is asked, and looks again while
// there is more to come.
export function carryAsked(what, { data: [data], parentElement, setTriggerValue }) {
  parentElement.carrying?.abort();
  const life = parentElement.carrying = new AbortController();
  globalThis.addEventListener(
    wishOf(what),
    ({ detail }) => setTriggerValue("wish", detail),
    { signal: life.signal },
  );
  if (data.sides.some(({ busy }) => busy)) {
    const timer = setTimeout(() => setTriggerValue("look", data.number), LOOK_AGAIN_MS);
    life.signal.addEventListener("abort", () => clearTimeout(timer));
  }
  keepAsked(what, data);
  return () => life.abort();
}

export function keepAsked(what, data) {
  globalThis[newsOf(what)] = data;
  globalThis.dispatchEvent(new Event(newsOf(what)));
}

// Of these heads, or null while it isn't there.
export function askedOf(what, { id }) {
  const data = globalThis[newsOf(what)];
  return data?.id === id ? data : null;
}

// `wish` says which side, and what to do: `act` is "ask" or "stop".
export function askFor(what, { id }, wish) {
  globalThis.dispatchEvent(new CustomEvent(wishOf(what), { detail: { id, ...wish } }));
}

export function onAsked(what, act, signal) {
  globalThis.addEventListener(newsOf(what), act, { signal });
}
