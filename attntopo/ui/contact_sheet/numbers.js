// The numbers of one photo at a step of the scale, and the order of all by one of them.

import { componentsText, counted } from "../linked/counts.js";
import { componentsAfter, loopsAt, mergesAt, stepAtShare } from "../linked/data.js";

export const STEPS_IN_ONE = 100000; // as Python's SCALE_STEPS
const MOST_LETTERS = 18; // of a name beneath its photo

// The step at which a photo is shown: its own where a share of merges leads.
export const stepOf = (head, { step, share }) => share === null ? step : stepAtShare(head, share);

// Components after so many merges, and the numbers read off them; as Python's `numbers_at`.
export function shownAt(head, step) {
  const components = componentsAfter(head, mergesAt(head, step));
  let [count, single, most] = [0, 0, 0];
  for (const size of components.sizes) {
    if (size > 0) count++;
    if (size === 1) single++;
    if (size > most) most = size;
  }
  const largest = (100 * most) / head.n;
  return {
    components,
    numbers: { components: count, single, largest, loops: loopsAt(head, step) },
  };
}

// A letter a patch, as `paint.js` takes them: `letters` has one for each colour number.
export function lettersOf({ colour }, { n_prefix }, letters) {
  let said = "";
  for (let point = n_prefix; point < colour.length; point++) said += letters[colour[point] + 3];
  return said;
}

// What is said beneath photos that are sorted by a column. At a share of merges all photos of as
// many tokens have as many components, so that says nothing there.
export function saidColumn({ share, sort: [column] }) {
  if (!["order", "name"].includes(column)) return column;
  return share === null ? "components" : "largest";
}

// With as many decimals as links have.
export const stepText = (step) => (step / STEPS_IN_ONE).toFixed(5).replace(/0{1,2}$/, "");
export const shareText = (share) => String(share / 100);

export function positionWords({ step, share }) {
  return share === null ? `Scale ${stepText(step)}` : `${shareText(share)} % merged`;
}

const inFigures = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const figures = (value) => inFigures.format(value);

// What is said of a photo in one column.
export function columnText(column, value, label) {
  if (column === "components") return counted(value, "component");
  if (column === "single") return counted(value, "single token");
  if (column === "loops") return counted(value, "loop");
  if (column === "largest") return `largest ${value.toFixed(0)} %`;
  return value === undefined ? `no ${label}` : figures(value);
}

// All that is said of a photo where it is pointed at, line by line.
export function photoText(name, shown, step, column, label) {
  if (!shown) return [name, "not computed yet"];
  const { components, single, largest, loops, [column]: value } = shown.numbers;
  const lines = [
    name,
    componentsText(components, single),
    `largest component ${largest.toFixed(1)} % of the tokens`,
    counted(loops, "loop"),
    `scale ${stepText(step)}`,
  ];
  const isFeature = value !== undefined && !["components", "single", "largest", "loops"]
    .includes(column);
  return isFeature ? [...lines, `${label}: ${figures(value)}`] : lines;
}

export function shortName(name) {
  if (name.length <= MOST_LETTERS) return name;
  return `${name.slice(0, MOST_LETTERS - 8)}…${name.slice(-7)}`;
}

// Ids in the order of a column. `valueOf` returns a photo's value, or undefined: such come last.
export function sortedIds(photos, [column, way], valueOf) {
  const sign = way === "down" ? -1 : 1;
  const places = new Map(photos.map(({ id }, place) => [id, place]));
  const compare = (a, b) => {
    if (column === "order") return sign * (places.get(a.id) - places.get(b.id));
    if (column === "name") {
      return sign * a.name.localeCompare(b.name, "en", { numeric: true }) ||
        places.get(a.id) - places.get(b.id);
    }
    const [first, second] = [valueOf(a.id), valueOf(b.id)];
    if (first === undefined || second === undefined) {
      return (first === undefined) - (second === undefined) || places.get(a.id) - places.get(b.id);
    }
    return sign * (first - second) || places.get(a.id) - places.get(b.id);
  };
  return [...photos].sort(compare).map(({ id }) => id);
}
