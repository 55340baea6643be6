// How long links to changed lessons are: 20 lessons, each changed as a person changes one. Prints a table.
//
//   node tests/bench/links.mjs
//
// "link" is the whole address on a host of common length, at a step and in a view; "without" is what it would be if the whole text
// were packed, without the lesson as a dictionary.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { versionOf } from '../../web/embed/result-code.js';
import { formatLink } from '../../web/js/link.js';
import { pack, unpack } from '../../web/js/send/pack.js';

const SCENARIOS = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'scenarios');
const HOST = 'https://teaching.example.org/mmscope/';

/** The text with the n-th match of `pattern` replaced. */
function replaceNth(text, pattern, n, by) {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) throw new Error(`nothing matches ${pattern}`);
  const match = found[n % found.length];
  return text.slice(0, match.index) + by(match) + text.slice(match.index + match[0].length);
}

const NOTE = {
  en: 'Before you step on: which list does this block go to, and why not to the other one? Write down your guess; we talk about it on Tuesday.',
  zh: '先别往下走：这个块会挂到哪条链表上，为什么不是另一条？写下你的猜测，星期二一起讨论。',
};
const note = JSON.stringify(NOTE);
const STEP = `    {"op": "alloc_pages", "order": 3, "gfp": "GFP_ATOMIC", "as": "mine", "note": ${note}},\n`;
const asBoth = (name) => new RegExp(`"${name}": \\{\\s*"en": "(?:[^"\\\\]|\\\\.)*",\\s*"zh": "(?:[^"\\\\]|\\\\.)*"\\s*\\}`, 'g');

// Notes that none of the lessons below has.
const PROSE = [...readFileSync(join(SCENARIOS, '04-numa-arm64.json'), 'utf8').matchAll(asBoth('note'))].map(([whole]) => whole);

const CHANGES = {
  'a number of one op': (text) => replaceNth(text, /"(order|size|count|cpu)": (\d+)/g, 3, ([, name, n]) => `"${name}": ${Number(n) + 1}`),
  'one op added': (text) => replaceNth(text, /"steps": \[\n/g, 0, ([whole]) => whole + STEP),
  'a note in both languages': (text) => replaceNth(text, asBoth('note'), 2, () => `"note": ${note}`),
  'title and notes': (text) => replaceNth(replaceNth(text, asBoth('title'), 0, () => '"title": {"en": "Our course, week 3", "zh": "我们的课程，第三周"}'),
    asBoth('notes'), 0, () => `"notes": ${note}`),
  'a step taken out': (text) => replaceNth(text, /^ {4}\{"op"[^]*?\},\n(?= {4}\{)/gm, 1, () => ''),
  'five notes in both languages': (text) => [1, 2, 3, 4, 5].reduce((changed, n) => replaceNth(changed, asBoth('note'), n, () => PROSE[n]), text),
  'written anew by a program, without blanks': (text) => JSON.stringify(JSON.parse(text)),
};
const LESSONS = ['02-buddy', '03-watermarks-x86', '05-pcp', '07-fallback', '11-cache-life', '12-slub-paths', '16-kmalloc', '19-double-free', '21-slab-colouring',
  '25-three-allocators', '26-slub-debug', '30-vmalloc', '31-kvmalloc', '32-one-walk', '36-tlb-stale', '45-every-order', '48-kfree-rcu', '52-memblock',
  '53-gfp-flags', '54-get-free-pages'];

const address = (parts) => HOST + formatLink({ at: '4.17', view: 'free-lists', lang: 'zh', ...parts });
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

const all = [];
console.log('| change | lessons | link, median | link, max | without, median |\n|---|--:|--:|--:|--:|');
for (const [name, change] of Object.entries(CHANGES)) {
  const rows = [];
  for (const id of LESSONS) {
    const text = readFileSync(join(SCENARIOS, `${id}.json`), 'utf8');
    let changed;
    try {
      changed = change(text);
    } catch {
      continue;  // this lesson has no such place
    }
    const z = pack(changed, text);
    if (unpack(z, text).text !== changed) throw new Error(`${id} does not come back`);
    rows.push({ link: address({ from: `${id}.${versionOf(text)}`, z }).length, without: address({ z: pack(changed) }).length });
  }
  const links = rows.map(({ link }) => link);
  all.push(...links);
  console.log(`| ${name} | ${rows.length} | ${median(links)} | ${Math.max(...links)} | ${median(rows.map(({ without }) => without))} |`);
}
console.log(`| all | ${all.length} | ${median(all)} | ${Math.max(...all)} | |`);
