// Which texts tools/split-page.mjs may take out of a program: those to which nothing leads but a LateText. Each program here
// is written by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressesIn, addressesInCode, customSection, joined, literals, memoryOf, unreached, withoutMemory } from '../../tools/wasm-data.mjs';

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
  const went = (memory) => unreached(all, addressesIn(memory).numbers, inCode).map(({ from }) => from);
  const memory = memoryOf(wasm);
  assert.deepEqual(went(memory), [none]);
  memory.fill(0, 96, 104);
  assert.deepEqual(went(memory), [late, none]);
  assert.equal(addressesIn(memory).nrLate, 2);
});

test('a number anywhere in a text, or at its end, keeps it', () => {
  const texts = [{ from: 100, end: 110 }, { from: 111, end: 120 }];
  for (const [number, left] of [[99, 2], [100, 1], [105, 1], [110, 1], [111, 1], [121, 2]]) {
    assert.equal(unreached(texts, new Set([number])).length, left, String(number));
  }
  assert.deepEqual(unreached([]), []);
});

test('numbers in code: constants, offsets, and both halves of long ones', () => {
  const code = '(i32.const 1025) (i32.load8_u offset=4096 (i32.const -1)) (i64.const 8589934599) (i64.const -4294967295)';
  for (const number of [1025, 4096, 7, 2, 1, 4294967295]) assert.ok(addressesInCode(code).has(number), String(number));
});

test('texts side by side go as one', () => {
  assert.deepEqual(joined([{ from: 1, end: 4 }, { from: 5, end: 9 }, { from: 11, end: 12 }]), [{ from: 1, end: 9 }, { from: 11, end: 12 }]);
});
