// What the compiler has written down of a program's data and the linker forgets: in its objects each place is named that holds
// an address, and each address that code takes. tools/split-page.mjs finds by it what leads to a constant.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Reader, sections } from './wasm-data.mjs';

const CUSTOM = 0, DATA = 11;
const DATA_SYMBOL = 1, UNDEFINED = 0x10, EXPLICIT_NAME = 0x40;
const SEGMENT_INFO = 5, SYMBOL_TABLE = 8;
const MEMORY_ADDRESSES = [3, 4, 5, 11, 14, 15, 16, 17, 21, 22, 23, 25];  // kinds of relocations
const WITH_ADDEND = [...MEMORY_ADDRESSES, 8, 9];

// [{ name, bytes }] of an archive of `ar`; of any other file, the file itself.
function members(folder, path) {
  const file = readFileSync(resolve(folder, path));
  if (file.toString('latin1', 0, 8) !== '!<arch>\n') return [{ name: path, bytes: file }];
  const list = [];
  let longNames = '';
  for (let at = 8; at + 60 <= file.length;) {
    const name = file.toString('latin1', at, at + 16).trim(), size = parseInt(file.toString('latin1', at + 48, at + 58), 10);
    const bytes = file.subarray(at + 60, at + 60 + size);
    if (name === '//') longNames = bytes.toString('latin1');
    else if (/^\/\d+$/.test(name)) list.push({ name: longNames.slice(Number(name.slice(1))).split('/\n')[0], bytes });
    else if (name !== '/') list.push({ name: name.replace(/\/$/, ''), bytes });
    at += 60 + size + (size & 1);
  }
  return list.map((one) => ({ ...one, name: `${path}(${one.name})` }));
}

function symbolsIn(reader) {
  return Array.from({ length: reader.number() }, () => {
    const kind = reader.byte(), flags = reader.number();
    const isThere = !(flags & UNDEFINED);
    if (kind === DATA_SYMBOL) {
      const name = reader.text();
      return isThere ? { name, segment: reader.number(), at: reader.number(), size: reader.number() } : { name };
    }
    reader.number();
    if (kind !== 3 && (isThere || flags & EXPLICIT_NAME)) reader.text();
    return null;
  });
}

// The segments of an object, with where each begins in its section, their names, and its symbols.
function linkingOf(object, custom) {
  const data = sections(object).find(({ id }) => id === DATA);
  const begins = [];
  if (data) {
    const reader = new Reader(object, data.from);
    for (let left = reader.number(); left > 0; --left) {
      reader.at += 2;  // its flags, i32.const
      reader.number();
      reader.at += 1;  // end
      const size = reader.number();
      begins.push({ from: reader.at - data.from, end: reader.at - data.from + size });
      reader.at += size;
    }
  }
  let names = [], symbols = [];
  const { reader, end } = custom.linking;
  reader.number();  // version
  while (reader.at < end) {
    const kind = reader.byte(), size = reader.number(), next = reader.at + size;
    if (kind === SEGMENT_INFO) names = Array.from({ length: reader.number() }, () => [reader.text(), reader.number(), reader.number()][0]);
    if (kind === SYMBOL_TABLE) symbols = symbolsIn(reader);
    reader.at = next;
  }
  return { segments: begins.map((range, i) => ({ ...range, name: names[i] })), symbols };
}

// [{ place, symbol, addend }] of the addresses of data in a section.
function relocations({ reader }) {
  reader.number();  // the section
  const list = [];
  for (let left = reader.number(); left > 0; --left) {
    const kind = reader.byte(), place = reader.number(), symbol = reader.number();
    const addend = WITH_ADDEND.includes(kind) ? reader.signed() : 0;
    if (MEMORY_ADDRESSES.includes(kind)) list.push({ place, symbol, addend });
  }
  return list;
}

/**
 * Of these objects and archives, whose paths begin in a folder: addresses.get('libx.a(y.o):.rodata.z') are the places in that segment that hold an address.
 * before.get('.rodata.z') is how far in front of such a segment code names a place: of table[c - 'a'] it takes the 'a' off the
 * address. ends has '.rodata.z' where code names the place behind it, for which a loop looks.
 */
export function readObjects(folder, paths) {
  const addresses = new Map(), before = new Map(), ends = new Set();
  for (const { name, bytes } of paths.flatMap((path) => members(folder, path))) {
    const custom = Object.fromEntries(sections(bytes).filter(({ id }) => id === CUSTOM).map(({ from, end }) => {
      const reader = new Reader(bytes, from);
      return [reader.text(), { reader, end }];
    }));
    if (!custom.linking) continue;
    const { segments, symbols } = linkingOf(bytes, custom);
    for (const segment of segments) {
      const key = `${name}:${segment.name}`;
      if (!addresses.has(key)) addresses.set(key, []);
    }
    for (const { place } of custom['reloc.DATA'] ? relocations(custom['reloc.DATA']) : []) {
      const segment = segments.find(({ from, end }) => from <= place && place < end);
      addresses.get(`${name}:${segment.name}`).push(place - segment.from);
    }
    for (const { symbol, addend } of custom['reloc.CODE'] ? relocations(custom['reloc.CODE']) : []) {
      const { name: symbolName, segment, at = 0 } = symbols[symbol];
      const segmentName = segment === undefined ? `.rodata.${symbolName}` : segments[segment].name;
      if (at + addend < 0) before.set(segmentName, Math.max(before.get(segmentName) ?? 0, -at - addend));
      if (segment !== undefined && at + addend >= segments[segment].end - segments[segment].from) ends.add(segmentName);
    }
  }
  return { addresses, before, ends };
}
