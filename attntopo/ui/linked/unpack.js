// One block of bytes -> a document and its arrays; as Python's `figures/packing.py` writes it.

const KEY_LENGTH = 16;
const HEAD_LENGTH = KEY_LENGTH + 8;

export const keyOf = (packed) => String.fromCharCode(...packed.subarray(0, KEY_LENGTH));

// Read piece by piece and not by a `Response` or a `Blob`, whose pieces each wait for a turn of the
// page: while it is being built that takes twenty times as long.
async function inflated(bytes, length) {
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  const written = Promise.all([writer.write(bytes), writer.close()]);
  const whole = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const { value } = await reader.read();
    whole.set(value, at);
    at += value.length;
  }
  await written;
  return whole;
}

// The document, and what gives the bytes of an array that it names.
export async function unpack(packed) {
  const head = new DataView(packed.buffer, packed.byteOffset + KEY_LENGTH);
  const [size, length] = [head.getUint32(0, true), head.getUint32(4, true)];
  const whole = await inflated(packed.subarray(HEAD_LENGTH), length);
  // A copy: numbers of several bytes must begin at a multiple of their size.
  const arrayOf = ({ at, bytes }) => whole.slice(size + at, size + at + bytes);
  return { document: JSON.parse(new TextDecoder().decode(whole.subarray(0, size))), arrayOf };
}
