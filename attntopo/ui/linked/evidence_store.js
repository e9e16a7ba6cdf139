// How the bars of both heads rank among draws of nulls, as far as they are drawn. It comes by a
// component of its own (evidence.py): the window holds the last of it, and carries what is asked.

const EVIDENCE = "attntopo-evidence";
const EVIDENCE_ASKED = "attntopo-evidence-asked";
const LOOK_AGAIN_MS = 400;

// What that component does: it keeps what came, passes on what is asked, and looks again while
// there is more to come.
export function carryEvidence({ data, parentElement, setTriggerValue }) {
  parentElement.evidence?.abort();
  const life = parentElement.evidence = new AbortController();
  globalThis.addEventListener(
    EVIDENCE_ASKED,
    ({ detail }) => setTriggerValue("wish", detail),
    { signal: life.signal },
  );
  if (data.sides.some(({ busy }) => busy)) {
    const timer = setTimeout(() => setTriggerValue("look", data.number), LOOK_AGAIN_MS);
    life.signal.addEventListener("abort", () => clearTimeout(timer));
  }
  keepEvidence(data);
  return () => life.abort();
}

export function keepEvidence(evidence) {
  globalThis.attntopoEvidence = evidence;
  globalThis.dispatchEvent(new Event(EVIDENCE));
}

// Of these heads, or null while it isn't there.
export function evidenceOf({ id }) {
  const evidence = globalThis.attntopoEvidence;
  return evidence?.id === id ? evidence : null;
}

// `act` is "ask" or "stop".
export function askForEvidence({ id }, side, act) {
  globalThis.dispatchEvent(new CustomEvent(EVIDENCE_ASKED, { detail: { id, side, act } }));
}

export function onEvidence(act, signal) {
  globalThis.addEventListener(EVIDENCE, act, { signal });
}
