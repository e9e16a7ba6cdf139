// How large the photos of the sheet are: as large as lets all of them be in sight at once.

const [LEAST_WIDE, MOST_WIDE, FEWEST, GAP] = [116, 256, 3, 8]; // pixels, pixels, columns, pixels
const BENEATH = 46; // pixels: name, number and the gap to the next row
const HIGHEST = 0.85; // of a picture's place, to its width

// The columns of a list that is `width` wide, the width of a tile, and the height of the place of
// its picture, in pixels. `room` is how high the window is from the list's top on.
export function tilesOf(count, width, room) {
  const most = Math.max(FEWEST, Math.floor((width + GAP) / (LEAST_WIDE + GAP)));
  const fewest = Math.min(most, Math.ceil((width + GAP) / (MOST_WIDE + GAP)));
  for (let columns = fewest; columns < most; columns++) {
    const tiles = tilesIn(columns, width);
    if (Math.ceil(count / columns) * (tiles.height + BENEATH) <= room) return tiles;
  }
  return tilesIn(most, width);
}

function tilesIn(columns, width) {
  const tile = Math.floor((width - GAP * (columns - 1)) / columns);
  return { columns, width: tile, height: Math.round(HIGHEST * tile) };
}
