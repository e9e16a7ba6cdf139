// Numbers in words, as Python's `attntopo.wording` says them.

// Made once: `toLocaleString` makes one at every call.
const inGroups = new Intl.NumberFormat("en");

export function counted(count, noun) {
  return `${inGroups.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}

// Single tokens included.
export function componentsText(components, single) {
  const said = counted(components, "component");
  if (single === 0) return said;
  if (single === components) return `${said}, all single tokens`;
  const tokens = single === 1 ? "a single token" : "single tokens";
  return `${said}, ${inGroups.format(single)} of them ${tokens}`;
}
