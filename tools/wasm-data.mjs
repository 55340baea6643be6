// A WebAssembly program as far as tools/split-page.mjs asks: how large its functions are, what stands in its memory at the
// start, which texts are there, who points at them, and the same program with less of it.

const CODE = 10, DATA = 11, DATA_COUNT = 12;
const ZEROS_KEPT = 64;

class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }
  byte() { return this.bytes[this.at++]; }
  number() {  // LEB128, also of signed numbers that are not negative
    let value = 0, scale = 1, byte;
    do {
      byte = this.byte();
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte & 128);
    return value;
  }
}

function leb(value, signed = false) {
  const bytes = [];
  for (;;) {
    const low = value % 128;
    value = Math.floor(value / 128);
    if (value === 0 && !(signed && low >= 64)) return [...bytes, low];
    bytes.push(low | 128);
  }
}

function section(id, contents) { return Buffer.concat([Buffer.from([id, ...leb(contents.length)]), contents]); }

/** A custom section: a name and contents that the program itself does not see. */
export function customSection(name, contents) {
  return section(0, Buffer.concat([Buffer.from([...leb(name.length), ...Buffer.from(name)]), Buffer.from(contents)]));
}

// [{ id, at, from, end }]: the section begins at `at`, its contents at `from`.
function sections(program) {
  const reader = new Reader(program, 8);
  const list = [];
  while (reader.at < program.length) {
    const at = reader.at, id = reader.byte(), size = reader.number();
    list.push({ id, at, from: reader.at, end: reader.at + size });
    reader.at += size;
  }
  return list;
}

// [{ place, bytes }]
function segments(program) {
  const data = sections(program).find(({ id }) => id === DATA);
  const reader = new Reader(program, data.from);
  return Array.from({ length: reader.number() }, () => {
    const flags = reader.byte(), constant = reader.byte(), place = reader.number(), end = reader.byte();
    if (flags !== 0 || constant !== 0x41 || end !== 0x0b) throw new Error('a data segment of another kind');
    const size = reader.number();
    reader.at += size;
    return { place, bytes: program.subarray(reader.at - size, reader.at) };
  });
}

/** The bytes of each function that the program defines, in their order. */
export function functionSizes(program) {
  const code = sections(program).find(({ id }) => id === CODE);
  const reader = new Reader(program, code.from);
  return Array.from({ length: reader.number() }, () => {
    const size = reader.number();
    reader.at += size;
    return size;
  });
}

/** The memory that the data fills, from 0 on. */
export function memoryOf(program) {
  const all = segments(program);
  const image = Buffer.alloc(Math.max(...all.map(({ place, bytes }) => place + bytes.length)) + 4);
  for (const { place, bytes } of all) image.set(bytes, place);
  return image;
}

// What is not zero in a memory: [{ place, bytes }]. A few zeros between cost less than another segment.
function filled(memory) {
  const list = [];
  for (let at = 0; at < memory.length;) {
    while (memory[at] === 0) at += 1;
    const place = at;
    let end = at;
    for (; at < memory.length && at - end < ZEROS_KEPT; ++at) if (memory[at] !== 0) end = at + 1;
    if (end > place) list.push({ place, bytes: memory.subarray(place, end) });
  }
  return list;
}

/** The program without these bytes of its memory: they begin as zeros. ranges: [{ from, end }]. */
export function withoutMemory(program, ranges) {
  const memory = memoryOf(program);
  for (const { from, end } of ranges) memory.fill(0, from, end);
  const kept = filled(memory);
  const contents = Buffer.concat([Buffer.from(leb(kept.length)), ...kept.flatMap(({ place, bytes }) => [
    Buffer.from([0, 0x41, ...leb(place, true), 0x0b, ...leb(bytes.length)]), bytes])]);
  return Buffer.concat([program.subarray(0, 8), ...sections(program).map(({ id, at, end }) => {
    if (id === DATA) return section(DATA, contents);
    if (id === DATA_COUNT) return section(DATA_COUNT, Buffer.from(leb(kept.length)));
    return program.subarray(at, end);
  })]);
}

// ---- texts ----------------------------------------------------------------------------------------------------------

/**
 * Where the linker has put string literals, each once and with a 0 behind it: [{ from, end }], without the 0.
 * map: what `wasm-ld -Map` has written. The one thing of the data that belongs to no file is what it has merged.
 */
export function literals(memory, map) {
  const found = [];
  for (const [, place, size] of map.matchAll(/^ *([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+) +<internal>:\(\.rodata\S*\)$/gm)) {
    let from = parseInt(place, 16);
    const areaEnd = from + parseInt(size, 16);
    while (from < areaEnd) {
      const end = memory.indexOf(0, from);
      if (end > from) found.push({ from, end });
      from = end + 1;
    }
  }
  return found;
}

// base/late_text.h
const MARK = 0xa7e7;

/** Where the addresses stand that only a LateText holds. */
function lateAddresses(memory) {
  const places = new Set();
  for (let place = 0; place + 8 <= memory.length; place += 4) {
    const mark = memory.readUInt32LE(place + 4);
    if (mark >>> 16 !== MARK) continue;
    const text = memory.readUInt32LE(place), size = mark & 0xffff;
    if (size > 0 && text + size < memory.length && memory.indexOf(0, text) === text + size) places.add(place);
  }
  return places;
}

/** Every number in the memory that may be an address and is not a LateText's. */
export function addressesIn(memory) {
  const late = lateAddresses(memory);
  const numbers = new Set();
  for (let place = 0; place + 4 <= memory.length; place += 4) {
    if (!late.has(place)) numbers.add(memory.readUInt32LE(place));
  }
  return { numbers, nrLate: late.size };
}

/** Every number in the code that may be an address. text: the program as wasm-dis prints it. */
export function addressesInCode(text) {
  const numbers = new Set();
  for (const [, number] of text.matchAll(/(?:i32\.const |\boffset=)(\d+)/g)) numbers.add(Number(number));
  for (const [, number] of text.matchAll(/i64\.const (-?\d+)/g)) {
    const value = BigInt.asUintN(64, BigInt(number));
    numbers.add(Number(value & 0xffffffffn)).add(Number(value >> 32n));
  }
  return numbers;
}

/** Those of the ranges that no number leads into. */
export function unreached(ranges, ...sets) {
  const numbers = Float64Array.from(sets.flatMap((set) => [...set])).sort();
  let next = 0;
  return ranges.filter(({ from, end }) => {
    while (next < numbers.length && numbers[next] < from) next += 1;
    return !(numbers[next] <= end);
  });
}

/** Ranges that lie side by side, with the 0 between them, become one. */
export function joined(ranges) {
  const out = [];
  for (const { from, end } of ranges) {
    if (out.at(-1)?.end + 1 === from) out.at(-1).end = end;
    else out.push({ from, end });
  }
  return out;
}
