// Which patches are knocked out of what is selected, and what is said of it.

import { marksOf } from "./selection.js";
import { counted } from "./counts.js";

// The patches of a component or a loop, by their numbers on the grid, and how many tokens of it are
// no patches; null where nothing is selected that has any.
export function regionOf(data, selection, leader) {
  const points = pointsOf(data, selection, leader);
  if (!points) return null;
  const nPrefix = data.sides[selection.side].prefix.length;
  const all = [...new Set(points)].sort((a, b) => a - b);
  const patches = all.filter((point) => point >= nPrefix).map((point) => point - nPrefix);
  const kind = selection.dimension === 1 ? "loop" : "component";
  return { kind, side: selection.side, patches, others: all.length - patches.length };
}

function pointsOf(data, selection, leader) {
  if (selection?.kind === "token") {
    return [...leader.keys()].filter((point) => leader[point] === leader[selection.point]);
  }
  if (selection?.kind !== "bar") return null;
  if (selection.dimension === 0) return marksOf(data, selection, selection.side).groups[0];
  // Its cycle may still be looked for.
  return data.sides[selection.side].bars[1][selection.number].loops?.flat() ?? null;
}

const BEGUN = "Nobody attends to these patches from the next layer on: what becomes of the class " +
  "token?";
const ALONE = "That is the class token's last state alone, in this photo.";
const OF_LOOPS = "A loop's tokens are patches: its own edges aren't what is knocked out.";

// What stands, and what is still being counted.
export function knockOutWords({ about, busy, asked }, { kind, others }) {
  if (!asked?.text) return { stand: BEGUN, counting: "" };
  if (busy) return { stand: "", counting: `${asked.text.slice(0, -1)} …` };
  const { done, total } = asked;
  const stopped = done < total && `Stopped after ${done - 1} of ${total - 1}.`;
  const prefix = others > 0 && `Its ${counted(others, "prefix token")} stayed.`;
  const rest = [stopped, ALONE, prefix, about, kind === "loop" && OF_LOOPS];
  return { stand: `${asked.text}\n${rest.filter(Boolean).join(" ")}`, counting: "" };
}

export const shiftText = (shift) => String(+shift.toPrecision(2));

// The picture of the shifts, for those who don't see it.
export function shiftsText({ shift, regions, translations }) {
  const said = [`${shiftText(shift)} without these patches`];
  for (const [shifts, what] of [[regions, "random region"], [translations, "translation"]]) {
    if (!shifts.length) continue;
    const [least, most] = [Math.min(...shifts), Math.max(...shifts)].map(shiftText);
    said.push(`${least} to ${most} without ${counted(shifts.length, what)}`);
  }
  return `How far the class token moves, as 1 minus the cosine: ${said.join(", ")}.`;
}
