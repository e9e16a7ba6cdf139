// Numbers in words, as Python's `attntopo.wording` says them.

export function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

// Single tokens included.
export function componentsText(components, single) {
  const said = counted(components, "component");
  if (single === 0) return said;
  if (single === components) return `${said}, all single tokens`;
  const tokens = single === 1 ? "a single token" : "single tokens";
  return `${said}, ${single.toLocaleString("en")} of them ${tokens}`;
}
