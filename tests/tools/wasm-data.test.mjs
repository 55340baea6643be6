// Which constants tools/split-page.mjs may take out of a program: those to which nothing leads but a LateText. Each program and
// each object here is written by hand.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  addressesInCode, customSection, filesIn, joined, lateAddresses, literals, memoryOf, noAddresses, tables, unreached, withoutMemory,
} from '../../tools/wasm-data.mjs';
import { readObjects } from '../../tools/wasm-objects.mjs';

const u32 = (number) => [number & 255, (number >> 8) & 255, (number >> 16) & 255, number >>> 24];
const number = (value) => (value < 64 ? [value] : [(value & 127) | 128, value >> 7]);  // LEB128 below 8192
const section = (id, contents) => [id, ...number(contents.length), ...contents];

// A program whose memory, exported as "m", begins with these segments.
function program(segments) {
  const data = segments.flatMap(({ place, bytes }) => [0, 0x41, ...number(place), 0x0b, ...number(bytes.length), ...bytes]);
  return Buffer.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(5, [1, 0, 1]),                    // a memory of a page
    ...section(7, [1, 1, 0x6d, 2, 0]),           // exported
    ...section(12, [segments.length]),
    ...section(11, [segments.length, ...data]),
  ]);
}

const started = (wasm) => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm));
  return Buffer.from(exports.m.buffer);
};
const text = (words) => [...Buffer.from(words)];

test('the memory of a program, and the same without some of it', () => {
  const wasm = program([{ place: 16, bytes: text('one\0two\0three') }, { place: 1000, bytes: [1, 0, 0, 2] }, { place: 63, bytes: [9] }]);
  const memory = memoryOf(wasm);
  assert.ok(started(wasm).subarray(0, memory.length).equals(memory));
  const expected = Buffer.from(memory).fill(0, 20, 23);
  const without = withoutMemory(wasm, [{ from: 20, end: 23 }]);
  assert.ok(started(without).subarray(0, memory.length).equals(expected));
  assert.ok(!without.includes('two'));
  // Nothing left of a segment, and nothing at all.
  assert.ok(started(withoutMemory(wasm, [{ from: 1000, end: 1004 }])).subarray(1000, 1004).equals(Buffer.alloc(4)));
  assert.ok(started(withoutMemory(wasm, [{ from: 0, end: 1004 }])).equals(Buffer.alloc(65536)));
});

test('long rows of zeros are not written down, short ones are', () => {
  const wasm = program([{ place: 64, bytes: [1, ...Array(40).fill(0), 2, ...Array(400).fill(0), 3] }]);
  const same = withoutMemory(wasm, []);
  assert.ok(memoryOf(same).equals(memoryOf(wasm)));
  assert.ok(same.length < wasm.length - 390 && same.length > wasm.length - 400);
});

test('a program with a section behind it is still one', () => {
  const wasm = Buffer.concat([program([{ place: 16, bytes: [1] }]), customSection('rest', 'a name')]);
  const [contents] = WebAssembly.Module.customSections(new WebAssembly.Module(withoutMemory(wasm, [])), 'rest');
  assert.equal(Buffer.from(contents).toString(), 'a name');
});

test('literals are what the linker has merged, and nothing else', () => {
  const memory = memoryOf(program([{ place: 16, bytes: text('one\0\0two\0table') }]));
  const map = [
    '    Addr      Off     Size Out     In      Symbol',
    '      10      4d2       11 .rodata',
    '      10      4d2        9         <internal>:(.rodata..L.str)',
    '      19      4db        8         a.o:(.rodata.table)',
  ].join('\n');
  assert.deepEqual(literals(memory, map), [{ from: 16, end: 19 }, { from: 21, end: 24 }]);
  assert.deepEqual(literals(memory, ''), []);
});

// "late" is a LateText's alone, "both" is a LateText's and a plain pointer's, "code" is named in the code, "none" by nobody.
test('what only a LateText leads to may go', () => {
  const words = text('late\0both\0code\0none\0');
  const [late, both, code, none] = [0, 5, 10, 15].map((at) => 16 + at);
  const mark = (size) => u32(0xa7e70000 + size);
  const wasm = program([
    { place: 16, bytes: words },
    { place: 64, bytes: [...u32(late), ...mark(4), ...u32(both), ...mark(4), ...u32(both), ...u32(4)] },
    { place: 96, bytes: [...u32(late), ...mark(3)] },  // not its size: no LateText, but a pointer
  ]);
  const all = [late, both, code, none].map((from) => ({ from, end: from + 4 }));
  const inCode = addressesInCode(`(i32.load offset=${code} (local.get 0))`);
  const went = (memory) => unreached(memory, all, inCode).map(({ from }) => from);
  const memory = memoryOf(wasm);
  assert.deepEqual(went(memory), [none]);
  memory.fill(0, 96, 104);
  assert.deepEqual(went(memory), [late, none]);
  assert.equal(lateAddresses(memory).size, 2);
});

const NOTHING = Buffer.alloc(256);

test('a number anywhere in a text, or at its end, keeps it', () => {
  const texts = [{ from: 100, end: 110 }, { from: 111, end: 120 }];
  for (const [number, left] of [[99, 2], [100, 1], [105, 1], [110, 1], [111, 1], [121, 2]]) {
    assert.equal(unreached(NOTHING, texts, [number]).length, left, String(number));
  }
  assert.deepEqual(unreached(NOTHING, [], []), []);
});

test('code leads to a table from a little before it, and from behind it where it is known to look there', () => {
  const kept = (number) => [{ from: 200, end: 220, first: 190, last: 219 }, { from: 220, end: 240, first: 219, last: 240 }]
    .filter((one) => unreached(NOTHING, [one], [number]).length === 0).map(({ from }) => from);
  for (const [number, from] of [[189, []], [190, [200]], [218, [200]], [219, [200, 220]], [220, [220]], [240, [220]], [241, []]]) {
    assert.deepEqual(kept(number), from, String(number));
  }
});

// first -> second -> "text" and back to first; third -> "else"; nothing leads to third.
test('a table takes along what only it leads to', () => {
  const [first, second, third] = [64, 80, 96].map((from) => ({ from, end: from + 8, first: from, last: from + 7 }));
  const word = { from: 16, end: 20 }, other = { from: 21, end: 25 };
  const all = [first, second, third, word, other];
  const memory = memoryOf(program([
    { place: 16, bytes: text('text\0else\0') },
    { place: 64, bytes: [...u32(0), ...u32(80)] },
    { place: 80, bytes: [...u32(16), ...u32(64)] },
    { place: 96, bytes: [...u32(21), ...u32(64)] },
    { place: 112, bytes: u32(96) },
  ]));
  assert.deepEqual(unreached(memory, all, [64]), [], 'what is around them leads to the third');
  memory.fill(0, 112, 116);
  assert.deepEqual(unreached(memory, all, [64]), [other, third]);
  assert.deepEqual(unreached(memory, all, [80]), [other, third]);
  assert.deepEqual(unreached(memory, all, []).length, 5);
  // A number that is known to be none of an address leads nowhere.
  const none = new Uint8Array(memory.length);
  none[80] = 1;
  assert.deepEqual(unreached(memory, all, [64], none), [word, other, third]);
});

// ---- objects

// An object as the compiler writes it: segments [{ name, bytes }], symbols [{ name, segment, at }], and of the two sections what
// stands where: [{ place, symbol, addend }]. A place in the data counts from the first byte of its segment.
function object({ segments, symbols, inData = [], inCode = [] }) {
  const named = (name) => [...number(name.length), ...text(name)];
  const custom = (name, contents) => section(0, [...named(name), ...contents]);
  const signed = (value) => (value < 0 ? [(value & 127) | 128, (value >> 7) & 127] : [(value & 127) | 128, value >> 7]);
  const data = [...number(segments.length)], begins = [];
  for (const { bytes } of segments) {
    data.push(0, 0x41, 0, 0x0b, ...number(bytes.length));
    begins.push(data.length);
    data.push(...bytes);
  }
  const part = (kind, contents) => [kind, ...number(contents.length), ...contents];
  const symbol = ({ name, segment, at }) => (segment === undefined
    ? [1, 0x10, ...named(name)] : [1, 0, ...named(name), segment, ...number(at), 4]);
  const relocation = ({ segment, place, symbol: which, addend }) =>
    [5, ...number(place + (segment === undefined ? 0 : begins[segment])), which, ...signed(addend)];
  return Buffer.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(11, data),
    ...custom('linking', [2, ...part(5, [segments.length, ...segments.flatMap(({ name }) => [...named(name), 2, 0])]),
      ...part(8, [symbols.length + 2, 0, 0, 0, ...named('f'), 3, 0, 0, ...symbols.flatMap(symbol)])]),
    ...custom('reloc.DATA', [0, inData.length, ...inData.flatMap(relocation)]),
    ...custom('reloc.CODE', [1, inCode.length, ...inCode.flatMap(relocation)]),
  ]);
}

const archive = (files) => Buffer.concat([Buffer.from('!<arch>\n'), ...files.flatMap(({ name, bytes }) => [
  Buffer.from(`${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(bytes.length).padEnd(10)}\x60\n`),
  bytes, Buffer.alloc(bytes.length & 1, 10)])]);

test('what objects say of addresses: in a file and in an archive', () => {
  const folder = mkdtempSync(join(tmpdir(), 'objects-'));
  try {
    const one = object({
      segments: [{ name: '.rodata.table', bytes: Array(12).fill(0) }, { name: '.rodata.chars', bytes: Array(8).fill(0) }],
      symbols: [{ name: 'table', segment: 0, at: 0 }, { name: 'chars', segment: 1, at: 4 }, { name: 'away' }],
      inData: [{ segment: 0, place: 4, symbol: 3, addend: 0 }, { segment: 1, place: 0, symbol: 2, addend: 8 }],
      inCode: [
        { place: 10, symbol: 3, addend: -97 }, { place: 20, symbol: 3, addend: -4 }, { place: 30, symbol: 2, addend: 12 },
        { place: 40, symbol: 4, addend: -8 }, { place: 50, symbol: 4, addend: 8 },
      ],
    });
    writeFileSync(join(folder, 'one.o'), one);
    const names = Buffer.from('a_name_of_more_than_15.o/\n');
    writeFileSync(join(folder, 'lib.a'), archive([{ name: '/', bytes: Buffer.alloc(4) }, { name: '//', bytes: names },
      { name: 'short.o/', bytes: one }, { name: '/0', bytes: one }]));
    const { addresses, before, ends } = readObjects(folder, ['one.o', 'lib.a']);
    assert.deepEqual([...addresses.keys()].filter((key) => key.endsWith('table')),
      ['one.o:.rodata.table', 'lib.a(short.o):.rodata.table', 'lib.a(a_name_of_more_than_15.o):.rodata.table']);
    assert.deepEqual(addresses.get('one.o:.rodata.table'), [4]);
    assert.deepEqual(addresses.get('lib.a(short.o):.rodata.chars'), [0]);
    // The symbol stands 4 behind the beginning of its segment.
    assert.deepEqual(Object.fromEntries(before), { '.rodata.chars': 93, '.rodata.away': 8 });
    assert.deepEqual([...ends], ['.rodata.table']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('tables are all constants but the literals, with the addresses that may lead to them', () => {
  const memory = memoryOf(program([{ place: 16, bytes: [...text('one'), 0] }, { place: 32, bytes: [...u32(64), ...u32(80)] }, { place: 64, bytes: [1, 2] }]));
  const map = [
    '      10      4d2        4         <internal>:(.rodata..L.str)',
    '      20      4d6        8         lib.a(a.o):(.rodata.rows)',
    '      28      4de        8         lib.a(a.o):(.rodata.zeros)',
    '      40      4e6        2         b.o:(.data.changes)',
  ].join('\n');
  const objects = {
    addresses: new Map([['lib.a(a.o):.rodata.rows', [4]], ['b.o:.data.changes', []]]), before: new Map([['.rodata.rows', 97]]),
    ends: new Set(['.rodata.rows']),
  };
  assert.deepEqual(filesIn(map), ['lib.a', 'b.o']);
  assert.deepEqual(tables(memory, map, objects), [{ from: 32, end: 40, first: 32 - 97, last: 40 }]);
  assert.deepEqual(tables(memory, map, { before: new Map(), ends: new Set() }), [{ from: 32, end: 40, first: 16, last: 39 }]);
  const none = noAddresses(memory, map, objects);
  assert.deepEqual([16, 32, 36, 40, 64].map((place) => none[place]), [0, 1, 0, 0, 1]);
});

test('numbers in code: constants, offsets, and both halves of long ones', () => {
  const code = '(i32.const 1025) (i32.load8_u offset=4096 (i32.const -1)) (i64.const 8589934599) (i64.const -4294967295)';
  for (const number of [1025, 4096, 7, 2, 1, 4294967295]) assert.ok(addressesInCode(code).has(number), String(number));
});

test('texts side by side go as one', () => {
  assert.deepEqual(joined([{ from: 1, end: 4 }, { from: 5, end: 9 }, { from: 11, end: 12 }]), [{ from: 1, end: 9 }, { from: 11, end: 12 }]);
});
