// The aims of speed and size, each with the figure that `./dev bench` has just found: node tests/bench/aims.mjs RESULTS.md
import { readFileSync } from 'node:fs';
import { FIRST_LOAD } from './limits.mjs';

const sections = readFileSync(process.argv[2], 'utf8').split(/^## /m);
const section = (title) => sections.find((text) => text.startsWith(title)) ?? '';
const native = section('Native');
const wasm = section('WebAssembly');

// A row of Google Benchmark: its time, and the value of a counter. NaN where the benchmark did not run.
const row = (text, name) => text.split('\n').find((line) => line.split(/\s+/)[0] === name) ?? '';
const time = (text, name) => parseFloat(row(text, name).split(/\s+/)[1]);
const counter = (text, name, key) => {
  const [, value, suffix] = row(text, name).match(new RegExp(`\\b${key}=([0-9.e+-]+)([kM]?)`)) ?? [];
  return Number(value) * { '': 1, k: 1e3, M: 1e6 }[suffix ?? ''];
};

const SIZES = { 64: '64 MiB', 4096: '4 GiB', 65536: '64 GiB' };
const mixed = Object.keys(SIZES).map((mib) => `Orders0To3/${mib}`);
const perSize = (of) => Object.keys(SIZES).map((mib, i) => [SIZES[mib], of(mixed[i])]);
const natives = mixed.map((name) => time(native, name));

// The sums of the tables of the page: until the first picture and behind it, in English, then in Chinese.
const page = section('Page in');
const sums = page.split('\n').filter((line) => line.startsWith('all '));
const brotli = (table) => parseInt(sums[table]?.split(/\s+/)[3], 10) / 1000;

// On a slow network, in seconds: when the text and when the picture was there.
const slow = (language, what) =>
  parseInt(new RegExp(`^at 400 kbit/s .* in ${language}.* ${what} (\\d+) ms`, 'm').exec(page)?.[1], 10) / 1000;

const growth = (name) => time(native, `${name}/1000000`) / time(native, `${name}/1000`);

// CPU time.
const among = (vmas) => parseFloat(row(native, `MmapAmongVmas/${vmas}`).split(/\s+/)[3]);

// What, limit (none: the figure stands for itself), unit, and one or more figures with names.
const aims = [
  ['alloc+free, orders 0 to 3 mixed, native', 50, 'ns', perSize((name) => time(native, name))],
  ['the same, WebAssembly', null, 'ns', perSize((name) => time(wasm, name))],
  ['the same, slowest / fastest size of machine, native', null, '×', [['', Math.max(...natives) / Math.min(...natives)]]],
  ['SLUB, kmem_cache_alloc+free, fast path, native', 20, 'ns', [['', time(native, 'AllocFree/allocator:0')]]],
  ['10 million live objects', 400, 'MB', ['SLUB', 'SLAB', 'SLOB'].map((name, i) =>
    [name, counter(native, `TenMillionObjects/allocator:${i}/iterations:1`, 'MB')])],
  ['snapshot after one op', null, 'ns', [['native', time(native, 'SnapshotAfterOneOp')],
    ['WebAssembly', time(wasm, 'SnapshotAfterOneOp')]]],
  ['seek in a million ops, p99', 16, 'ms', [['native', native], ['WebAssembly', wasm]].map(([name, text]) =>
    [name, counter(text, 'SeekInAMillionOps/iterations:400', 'p99_ms')])],
  ['the same, held', 256, 'MB', [['', counter(native, 'SeekInAMillionOps/iterations:400', 'held_MB')]]],
  // No faster than log n: in steps, and in time by no more than what memory far away costs any red-black tree of that size.
  // A red-black tree promises 2 log2 n.
  ['steps of a look-up among n areas / log2 n', 2, '×', [1e3, 1e6].map((n) =>
    [n.toExponential(), counter(native, `VmapAmongAreas/${n}`, 'depth') / Math.log2(n)])],
  ['vmap and vunmap among a million areas / a thousand', null, '×', [['', growth('VmapAmongAreas')]]],
  ['the same growth / that of a std::set, native', 1, '×', [['', growth('VmapAmongAreas') / growth('SetAmongAsMany')]]],
  ['map and unmap of a page, native', null, 'ns', [['', time(native, 'MapPages/1')]]],
  ['translation, TLB hit, native', 10, 'ns', [['', time(native, 'TlbHit')]]],
  ['translation, four levels walked, native', 60, 'ns', [['', time(native, 'TlbMiss/walk_entries:0')]]],
  ['a minor fault, native', 1000, 'ns', ['zero_page', 'anon_write', 'file_around', 'cow_copy', 'cow_reuse'].map((kind) =>
    [kind, time(native, `Fault/${kind}/iterations:32/manual_time`)])],
  ['1 GiB of 4 KiB pages, native', 30, 'ms', ['fork', 'exit'].map((call) =>
    [call, time(native, `ForkOfOneGiB/${call}/iterations:5/manual_time`)])],
  ['mmap and munmap among 100,000 VMAs / 10, native', null, '×', [['', among(100000) / among(10)]]],
  ['1,000 processes', 256, 'MB', [['', counter(native, 'ThousandProcesses/iterations:1', 'MB')]]],
  ['seek in a million ops of processes, p99, native', 16, 'ms',
    [['', counter(native, 'SeekInAMillionProcessOps/iterations:400', 'p99_ms')]]],
  ...FIRST_LOAD.map(({ language, limit }, i) =>
    [`the page until its first picture, brotli, ${language}`, limit / 1000, 'kB', [['', brotli(2 * i)]]]),
  ['behind the first picture, brotli', null, 'kB', [['English', brotli(1)], ['Chinese', brotli(3)]]],
  ['text of the lesson at 400 kbit/s', null, 's', ['English', 'Chinese'].map((name) => [name, slow(name, 'text')])],
  ['first picture at 400 kbit/s', null, 's', ['English', 'Chinese'].map((name) => [name, slow(name, 'picture')])],
];

console.log(`${'aim'.padEnd(54)} ${'figure'.padStart(10)} ${'limit'.padStart(10)}`);
for (const [what, limit, unit, figures] of aims) {
  for (const [name, figure] of figures) {
    const shown = Number.isNaN(figure) ? 'not run' : `${Number(figure.toPrecision(3))} ${unit}`;
    const verdict = limit === null || Number.isNaN(figure) ? '' : figure <= limit ? 'reached' : 'NOT reached';
    console.log(`${(name ? `${what}, ${name}` : what).padEnd(54)} ${shown.padStart(10)} ` +
      `${(limit === null ? '' : `≤ ${limit} ${unit}`).padStart(10)}  ${verdict}`.trimEnd());
  }
}
