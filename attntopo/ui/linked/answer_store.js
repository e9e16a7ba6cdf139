// What the browser has asked for since the heads came: cycles of bars, what a token attends to. It
// comes by a component of its own (answers.py): the window holds the last of it.

const ANSWERED = "attntopo-answers";

export function keepAnswers(answers) {
  globalThis.attntopoAnswers = answers;
  globalThis.dispatchEvent(new Event(ANSWERED));
}

// Puts what was answered of these heads into their data; says whether there was any.
export function takeAnswers(data) {
  const { id, sides } = globalThis.attntopoAnswers ?? {};
  if (!data || id !== data.id) return false;
  data.sides.forEach((side, k) => {
    for (const [row, loops] of Object.entries(sides[k].loops)) side.bars[1][row].loops = loops;
    for (const [point, { to, by }] of Object.entries(sides[k].heat)) {
      side.heats.set(+point, { to: bytesOf(to), by: bytesOf(by) });
    }
  });
  return true;
}

const bytesOf = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

export function onAnswers(act, signal) {
  globalThis.addEventListener(ANSWERED, act, { signal });
}
