// One block of bytes -> a document and its arrays; as Python's `figures/packing.py` writes it.

const KEY_LENGTH = 16;

export const keyOf = (packed) => String.fromCharCode(...packed.subarray(0, KEY_LENGTH));

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// The document, and what gives an array that it names: its bytes, to be awaited.
export async function unpack(packed) {
  const { buffer, byteOffset } = packed;
  const text = KEY_LENGTH + 4;
  const size = new DataView(buffer, byteOffset).getUint32(KEY_LENGTH, true);
  const document = await inflated(packed.subarray(text, text + size));
  const arrayOf = ({ at, bytes, deflated }) => {
    const begin = text + size + at;
    // A copy: numbers of several bytes must begin at a multiple of their size.
    return deflated
      ? inflated(packed.subarray(begin, begin + bytes))
      : packed.slice(begin, begin + bytes);
  };
  return { document: JSON.parse(new TextDecoder().decode(document)), arrayOf };
}
