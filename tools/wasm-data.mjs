// A WebAssembly program as far as tools/split-page.mjs asks: how large its functions are, what stands in its memory at the
// start, which constants are there, what leads to them, and the same program with less of it.

const CODE = 10, DATA = 11, DATA_COUNT = 12;
const ZEROS_KEPT = 64;

export class Reader {
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
  signed() {
    const from = this.at, value = this.number();
    return this.bytes[this.at - 1] & 64 ? value - 128 ** (this.at - from) : value;
  }
  text() {
    const size = this.number();
    this.at += size;
    return this.bytes.toString('utf8', this.at - size, this.at);
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

/** [{ id, at, from, end }]: the section begins at `at`, its contents at `from`. */
export function sections(program) {
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

// ---- constants: texts and tables --------------------------------------------------------------------------------------

// What `wasm-ld -Map` has written of data: [{ from, end, file, name }].
function dataOf(map) {
  return [...map.matchAll(/^ *([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+) +(\S+):\((\.(?:ro)?data\S*)\)$/gm)].map(([, place, size, file, name]) => {
    const from = parseInt(place, 16);
    return { from, end: from + parseInt(size, 16), file, name };
  });
}
const constantsOf = (map) => dataOf(map).filter(({ name }) => name.startsWith('.rodata'));

const MERGED = '<internal>';  // of the data, the texts alone belong to no file: the linker has merged them

/** Where the linker has put string literals, each once and with a 0 behind it: [{ from, end }], without the 0. */
export function literals(memory, map) {
  const found = [];
  for (const { from: begin, end: areaEnd } of constantsOf(map).filter(({ file }) => file === MERGED)) {
    for (let from = begin; from < areaEnd;) {
      const end = memory.indexOf(0, from);
      if (end > from) found.push({ from, end });
      from = end + 1;
    }
  }
  return found;
}

/** The files whose objects the linker has taken data from. */
export function filesIn(map) {
  return [...new Set(dataOf(map).filter(({ file }) => file !== MERGED).map(({ file }) => file.replace(/\(.*/, '')))];
}

// How far in front of a table code may name a place, where the objects do not say more: wasm-opt may take something off an
// address as well.
const BEFORE_TABLE = 16;

/**
 * All other constants, each with its own place: [{ from, end, first, last }]. From first to last every number in the code is
 * its address. objects: as readObjects() of wasm-objects.mjs tells.
 */
export function tables(memory, map, { before, ends }) {
  return constantsOf(map).filter(({ from, end, file }) => file !== MERGED && memory.subarray(from, end).some((byte) => byte !== 0))
    .map(({ from, end, name }) => (
      { from, end, first: from - Math.max(BEFORE_TABLE, before.get(name) ?? 0), last: ends.has(name) ? end : end - 1 }));
}

/** For each place in the memory: 1 where the objects know that no address stands. */
export function noAddresses(memory, map, { addresses }) {
  const none = new Uint8Array(memory.length);
  for (const { from, end, file, name } of dataOf(map)) {
    const places = addresses.get(`${file}:${name}`);
    if (places === undefined) continue;
    none.fill(1, from, end);
    for (const place of places) none[from + place] = 0;
  }
  return none;
}

// base/late_text.h
const MARK = 0xa7e7;

/** Where the addresses stand that only a LateText holds. */
export function lateAddresses(memory) {
  const places = new Set();
  for (let place = 0; place + 8 <= memory.length; place += 4) {
    const mark = memory.readUInt32LE(place + 4);
    if (mark >>> 16 !== MARK) continue;
    const text = memory.readUInt32LE(place), size = mark & 0xffff;
    if (size > 0 && text + size < memory.length && memory.indexOf(0, text) === text + size) places.add(place);
  }
  return places;
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

/**
 * Those of the constants to which nothing leads but a LateText: no number in the code, in the memory around them, or in a
 * constant to which something leads. constants: texts, which lead nowhere, and tables. none: as noAddresses() has it.
 */
export function unreached(memory, constants, inCode, none = new Uint8Array(memory.length)) {
  const sorted = [...constants].sort((a, b) => a.from - b.from);
  const isTable = ({ first }) => first !== undefined;
  const furthest = sorted.reduce((most, { from, first = from }) => Math.max(most, from - first), 0);
  const left = new Set(sorted);
  const todo = [];
  // To those around a place whose address it is. begin(one): the lowest of the addresses of one.
  const lead = (number, begin) => {
    let low = 0;
    for (let high = sorted.length; low < high;) {
      const middle = (low + high) >> 1;
      if (sorted[middle].end < number) low = middle + 1;
      else high = middle;
    }
    for (; low < sorted.length && sorted[low].from - furthest <= number; ++low) {
      const one = sorted[low];
      if (begin(one) <= number && number <= (one.last ?? one.end) && left.delete(one) && isTable(one)) todo.push(one);
    }
  };
  const late = lateAddresses(memory);
  const leadFrom = (from, end) => {
    for (let place = (from + 3) & ~3; place + 4 <= end; place += 4) {
      if (!late.has(place) && !none[place]) lead(memory.readUInt32LE(place), (one) => one.from);
    }
  };
  for (const number of inCode) lead(number, (one) => one.first ?? one.from);
  let around = 0;
  for (const { from, end } of sorted) {
    leadFrom(around, from);
    around = end;
  }
  leadFrom(around, memory.length);
  while (todo.length > 0) {
    const { from, end } = todo.pop();
    leadFrom(from, end);
  }
  return sorted.filter((one) => left.has(one));
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
