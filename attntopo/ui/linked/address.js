// What is shown, written into an address as the server would write it.

import { scaleText } from "./words.js";

export function writeAddress(address, data, { scale, share, pick, look }) {
  const shown = {
    ...look,
    scale: scale === null ? "objects" : scaleText(data, scale),
    share: share === null ? null : share / 100,
    pick,
  };
  for (const [name, value] of Object.entries(shown)) {
    if (value === null) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
}
