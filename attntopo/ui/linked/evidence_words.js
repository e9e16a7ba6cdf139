// How stable what is selected is, and how it ranks by chance, in words.

import { counted } from "./counts.js";
import { lengthText, numberText } from "./words.js";

// What a bar has without asking: its certificate, and for a loop the universal p.
export function certaintyWords(side, { dimension, number }) {
  const bars = side.bars[dimension];
  const { radius, p } = bars[number];
  if (radius === null) return "";
  const certificate = ` While no distance changes by ${lengthText(radius)}, half its length, a ` +
    "bottleneck matching pairs it with a bar of the changed ones, perhaps of other tokens; " +
    "Stability shows how large changes are.";
  if (typeof p !== "number") return certificate;
  const many = bars.filter((bar) => bar.p !== null).length;
  const product = numberText(Math.min(1, many * p));
  return ` Universal p ${numberText(p)} × ${counted(many, "bar")} = ${product}.${certificate}`;
}

// What can be ranked of what is selected: a loop by its row, a component by its leader; else null.
export function subjectOf(data, selection, componentsOf) {
  const { kind, side: k } = selection ?? {};
  if (kind === "token") {
    const number = componentsOf(k).leader[selection.point];
    return { kind: "component", side: k, number, name: "Its component" };
  }
  if (kind !== "bar") return null;
  if (selection.dimension === 1) {
    return { kind: "loop", side: k, number: selection.number, name: "This loop" };
  }
  const { bars, tree } = data.sides[k];
  const { merge } = bars[0][selection.number];
  const number = merge === null ? lastLeader(tree) : tree.absorbed[merge];
  return { kind: "component", side: k, number, name: "The orange component" };
}

const lastLeader = ({ survivors }) => survivors.at(-1) ?? 0;

// Why a component isn't ranked, whatever is drawn; nothing where it is.
export function unranked({ tree }, { kind, number }, { small, whole, sides }, k) {
  if (kind !== "component") return "";
  if (number === lastLeader(tree)) return whole;
  const known = sides[k].nulls[0];
  return known?.components[number] === null || sizeWhenAbsorbed(tree, number) < 4 ? small : "";
}

function sizeWhenAbsorbed({ survivors, absorbed }, point) {
  const end = absorbed.indexOf(point);
  const sizes = new Map();
  const size = (one) => sizes.get(one) ?? 1;
  for (let merge = 0; merge < end; merge++) {
    sizes.set(survivors[merge], size(survivors[merge]) + size(absorbed[merge]));
  }
  return size(point);
}

// The ranks: those that stand, and the one that is still being counted. What chance does stands
// beside the first, which is read first.
export function rankWords(evidence, { kind, side, number, name }) {
  const { busy, done, total, nulls, about } = evidence.sides[side];
  const { each, seed } = evidence;
  const longest = kind === "loop" ? "longest loop" : "longest-lived component";
  const chance = busy || done < total
    ? ""
    : ` (by chance a head's ${longest} reaches ${each} of ${each} in 1 head of ${each + 1}, in ` +
      `more of those that you try; seed ${seed})`;
  const lines = nulls.map((null_, k) => {
    const beaten = null_[`${kind}s`][number];
    const begin = k ? "in" : `${name} is ${evidence.longer[kind]} in`;
    return `${begin} ${beaten} of ${null_.draws} ${null_.matrices}${k ? "" : chance}`;
  });
  const counting = busy && nulls.length && nulls.at(-1).draws < evidence.each ? lines.pop() : "";
  const end = counting ? ";\n" : ".";
  const stand = lines.length ? lines.join(";\n") + end : "";
  if (busy) {
    const first = "Drawing attention at random, as like this head's as each null allows.";
    return { stand: stand || first, counting: counting && `${stand ? "" : " "}${counting} …` };
  }
  const rest = done < total ? `Stopped after ${done} of ${total} draws.` : "";
  return { stand: [stand, rest, about].filter(Boolean).join("\n"), counting: "" };
}
