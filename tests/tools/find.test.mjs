// What the page finds things by: chapters, the glossary, the index by course headings, and the texts that are searched. Each
// table against the lessons that are there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { chapterProblems, findFiles, galleryList, headingProblems, opsOf, readChapters, readGlossary, readHeadings, readScenarios } from '../../tools/find.mjs';
import { Finder } from '../../web/js/find/finder.js';
import { machineScenario, recognise } from '../../web/js/find/recognise.js';
import { documents, Texts } from '../../web/js/find/texts.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const WEB = join(ROOT, 'web');
const SCENARIOS = join(ROOT, 'scenarios');
const scenarios = readScenarios(SCENARIOS);
const lessons = scenarios.filter(({ json }) => json.steps.length > 0).map(({ id }) => id);
const glossary = readGlossary(WEB);
const files = findFiles({ root: ROOT, web: WEB, scenarios: SCENARIOS });
const fileOf = (name) => JSON.parse(files.get(name));

const views = [...readFileSync(join(ROOT, 'shell', 'views', 'views.cpp'), 'utf8').matchAll(/\.id = "([a-z-]+)"/g)].map(([, id]) => id);

// ---- chapters -------------------------------------------------------------------------------------------------------

test('every lesson is in one chapter, and every lesson of a chapter is there', () => {
  assert.deepEqual(chapterProblems(readChapters(WEB), lessons), []);
});

test('a lesson without a chapter, a chapter without its lesson and a lesson in two chapters are told', () => {
  const chapters = [{ id: 'a', lessons: ['01', '02'] }, { id: 'b', lessons: ['02', '09'] }];
  assert.deepEqual(chapterProblems(chapters, ['01', '02', '03']).map((problem) => problem.split(' ')[0]).sort(), ['02', '03', 'web/find/chapters.json']);
});

test('the gallery says of each lesson how many steps and questions it has', () => {
  const list = galleryList({ web: WEB, scenarios: SCENARIOS, needRest: [] });
  assert.equal(list.scenarios.length, scenarios.length);
  for (const { id, json } of scenarios) {
    const row = list.scenarios.find((one) => one.id === id);
    assert.equal(row.steps ?? 0, json.steps.length, id);
    assert.equal(row.questions ?? 0, JSON.stringify(json.steps).split('"question":').length - 1, id);
  }
});

// ---- course headings ------------------------------------------------------------------------------------------------

test('every target of a course heading is there', (context) => {
  const courses = readHeadings(WEB);
  assert.ok(views.length > 10, `views: ${views}`);
  assert.deepEqual(headingProblems(courses, scenarios, views), []);
  const headings = courses.flatMap((course) => course.headings);
  for (const { zh, en } of headings) assert.ok(zh && en, `${zh} / ${en}`);
  const without = headings.filter(({ lesson, view }) => !lesson && !view);
  context.diagnostic(`${headings.length} course headings, ${without.length} without a target: ${without.map(({ en }) => en).join('; ')}`);
  const shown = fileOf('find/headings.json').flatMap((course) => course.headings);
  assert.equal(shown.length, headings.length - without.length, 'what has no target is not shown');
});

test('a heading that leads nowhere is told', () => {
  const courses = [{ course: {}, headings: [{ zh: 'a', en: 'a', lesson: 'none' }, { zh: 'b', en: 'b', lesson: '02-buddy', step: 99 }, { zh: 'c', en: 'c', view: 'none' }, { zh: 'd', en: 'd' }] }];
  assert.deepEqual(headingProblems(courses, scenarios, views).map((problem) => problem[0]), ['a', 'b', 'c']);
});

// ---- glossary -------------------------------------------------------------------------------------------------------

test('every word is explained in both languages, once, and leads to a lesson that is there', () => {
  const seen = new Set();
  for (const { word, en, zh, lesson, chapters = [] } of glossary) {
    assert.ok(!seen.has(word), `${word} is there twice`);
    seen.add(word);
    assert.match(en, /^[^\u4e00-\u9fff]{20,240}\.$/, word);
    assert.match(zh, /[\u4e00-\u9fff].*。$/, word);
    assert.ok(zh.length <= 120, `${word}: ${zh.length} characters`);
    if (lesson !== undefined) assert.ok(lessons.includes(lesson), `${word}: ${lesson}`);
    for (const id of chapters) assert.ok(readChapters(WEB).some((chapter) => chapter.id === id), `${word}: ${id}`);
  }
});

const forms = new Set(glossary.flatMap(({ word, also = [] }) => [word, ...also]).map((form) => form.toLowerCase()));

test('every word of the kernel in engine/GLOSSARY.md is in the glossary', () => {
  const [, kernel] = readFileSync(join(ROOT, 'engine', 'GLOSSARY.md'), 'utf8').split("## The kernel's");
  const words = [...kernel.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell]) => cell.split(','))
    .map((word) => word.trim().toLowerCase()).filter((word) => word !== 'word' && !/^-+$/.test(word));
  assert.ok(words.length > 40);
  assert.deepEqual(words.filter((word) => !forms.has(word) && !forms.has(`${word}s`)), []);
});

// Names that stand for one thing of one lesson (a test of the kernel, a board, a register's bit) explain themselves there.
const OF_ONE_LESSON = 1;

test('every abbreviation and flag that stands in the notes of two lessons is in the glossary', () => {
  const ordinary = new Set(['FIX', 'NAME', 'FILE', 'A72', 'ARM', 'PC']);  // of a report's text, of a command, of processors, of machines
  const where = new Map();
  for (const { id, json } of scenarios) {
    for (const { note, question } of [{ note: json.notes }, ...json.steps]) {
      for (const [word] of `${note?.en ?? ''} ${question?.text?.en ?? ''}`.matchAll(/\b(?:__)?[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*\b/g)) {
        where.set(word, (where.get(word) ?? new Set()).add(id));
      }
    }
  }
  const missing = [...where].filter(([word, ids]) => ids.size > OF_ONE_LESSON && !/^S\d+$/.test(word) && !ordinary.has(word) && !forms.has(word.toLowerCase()));
  assert.deepEqual(missing.map(([word, ids]) => `${word} (${[...ids]})`), []);
});

const wordsIn = (language, chapter, text) => new Finder(fileOf(`find/glossary.${language}.json`), chapter).find(text)
  .map(({ from, to, word }) => `${text.slice(from, to)} = ${word.word}`);

test('words are found where they stand for themselves, the longest first', () => {
  assert.deepEqual(wordsIn('en', 'buddy', 'Buddies of order 3; the free list of zone DMA32, kmem_cache_alloc_node().'),
    ['Buddies = buddy', 'order 3 = order', 'free list = free list', 'zone = zone', 'DMA32 = ZONE_DMA32', 'kmem_cache_alloc_node = kmem_cache_alloc']);
  assert.deepEqual(wordsIn('en', 'buddy', 'in order; a timezone; my_slab; Pcp; slabby'), ['Pcp = pcp']);
  assert.deepEqual(wordsIn('zh', 'slub', '空闲链表在高速缓存里，4 阶，这个阶段。'), ['空闲链表 = 空闲对象链表 (freelist)', '高速缓存 = 高速缓存 (CPU cache)', '4 阶 = 阶 (order)']);
  assert.deepEqual(wordsIn('zh', 'buddy', '空闲链表'), ['空闲链表 = 空闲链表 (free list)']);
});

// ---- search ---------------------------------------------------------------------------------------------------------

const titles = new Map(scenarios.map(({ id, json }) => [id, json.title]));
const texts = Object.fromEntries(['en', 'zh'].map((language) => [language, new Texts(documents(language, fileOf(`find/search.${language}.json`),
  fileOf(`find/glossary.${language}.json`), fileOf('find/headings.json'), { views: [], titleOf: (id) => titles.get(id)[language] }))]));
const found = (language, query) => texts[language].search(query);

for (const [language, query, kind, wanted] of [
  ['zh', '水线', 'lesson', '03-watermarks-x86'], ['zh', '水线', 'word', 'watermark'], ['en', 'watermark', 'lesson', '03-watermarks-x86'],
  ['en', 'lowmem_reserve', 'step', '03-watermarks-x86'], ['zh', 'lowmem_reserve', 'step', '03-watermarks-x86'],
  ['en', 'CMA', 'word', 'CMA'], ['zh', 'CMA', 'word', 'CMA'], ['en', 'GFP_ATOMIC', 'step', '03-watermarks-x86'],
  ['zh', 'GFP_ATOMIC', 'word', 'GFP_ATOMIC'], ['en', 'virt_to_phys', 'step', '39-logical-to-physical-32'], ['zh', 'virt_to_phys()', 'step', '39-logical-to-physical-32'],
  ['en', 'expand', 'function', 'expand'], ['en', 'rmqueue_bulk', 'function', 'rmqueue_bulk'], ['en', 'kmalloc-64', 'step', '16-kmalloc'],
  ['zh', '冷热页', 'heading', '05-pcp'], ['en', 'hot and cold', 'heading', '05-pcp'], ['en', 'mm_page_alloc_extfrag', 'step', '07-fallback'],
  ['en', 'watermrak', 'word', 'watermark'], ['zh', '水', 'word', 'watermark'],
]) {
  test(`“${query}” in ${language} finds ${wanted} among the ${kind}s`, () => {
    const of = found(language, query).filter((result) => result.kind === kind);
    assert.ok(of.some(({ title, lesson, word }) => [title, lesson, word].includes(wanted)), JSON.stringify(of.map(({ title, lesson }) => [title, lesson])));
  });
}

test('a step with a question is found by it, and its note does not tell the answer', () => {
  const { lessons: order, steps } = fileOf('find/search.en.json');
  for (const [lesson, step, , text, , asked] of steps) {
    const written = scenarios.find(({ id }) => id === order[lesson][0]).json.steps[step - 1];
    assert.equal(asked === 1, written.question !== undefined);
    if (asked) assert.equal(text, written.question.text.en);
  }
});

test('a step is found at its place among the ops', () => {
  assert.equal(opsOf({ op: 'x' }), 1);
  assert.equal(opsOf({ repeat: { count: 30, steps: [{}, {}] } }), 60);
  assert.equal(opsOf({ random: { count: 50000 } }), 50000);
  const { lessons: order, steps } = fileOf('find/search.en.json');
  const watermarks = order.findIndex(([id]) => id === '03-watermarks-x86');
  assert.deepEqual(steps.filter(([lesson, step]) => lesson === watermarks && step <= 4).map(([, step, op]) => [step, op]), [[1, 0], [2, 1], [3, 31], [4, 33]]);
});

test('nothing is found for nothing, and hostile text is only text', () => {
  for (const query of ['', '   ', '()[]{}', '<script>', '\ud83d', '*'.repeat(200), '中'.repeat(200), 'constructor', '__proto__', 'toString']) {
    assert.ok(Array.isArray(found('en', query)) && Array.isArray(found('zh', query)), query);
  }
});

test('what is fetched for a search is small', (context) => {
  const sizes = [...files].map(([name, text]) => [name, brotliCompressSync(Buffer.from(text)).length]);
  context.diagnostic(sizes.map(([name, bytes]) => `${name} ${bytes}`).join(', '));
  const most = lessons.length * 900;  // the texts of a lesson, and its part of all words
  for (const [name, bytes] of sizes) assert.ok(bytes < (name.includes('search') ? most : 16_000), `${name}: ${bytes} bytes of brotli`);
});

// ---- what is brought ------------------------------------------------------------------------------------------------

for (const [kind, text] of [
  ['scenario', '{"format": "mmscope/1"}'], ['scenario', '\ufeff \n[1, 2]'], ['scenario', '{"profile": 1}'], ['scenario', '{ oops'],
  ['machine', readFileSync(join(SCENARIOS, 'machines', 'x86_64-6.1-184m.json'), 'utf8')],
  ['buddyinfo', 'Node 0, zone      DMA      1      1      1      0      2'], ['buddyinfo', '[   12.5] Node 1, zone   Normal 4 0'],
  ['other', 'Page block order: 9\nPages per block:  512\n'], ['other', 'slabinfo - version: 2.1\n'], ['other', 'MemTotal:       16000 kB\n'],
  ['other', '0xffff800008000000-0xffff800008011000   69632 gicv2m_init_one+0x8c/0x1e0 phys=1\n'],
  ['other', '55d0c8e00000-55d0c8e21000 rw-p 00000000 00:00 0   [heap]\n'],
  ['unknown', ''], ['buddyinfo', 'Node 0, zone'], ['unknown', 'hello'], ['large', ' '.repeat((4 << 20) + 1)],
]) {
  test(`${kind}: ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(recognise(text).kind, kind));
}

test('no text is long to recognise', () => {
  const most = 4 << 20;
  for (const piece of ['Node 0, zone a\n', 'Node 0, zone ', ' 1', ' ', '\n ', '"format"', '"format"   ', '{"format":', '0xffffffff-', '1', '{', 'Node 0, zone DMA 1 1 ']) {
    const text = piece.repeat(Math.floor(most / piece.length));
    const begin = process.cpuUsage();  // a busy machine takes longer, not more
    recognise(text);
    recognise(`{${text.slice(1)}`);
    const ms = process.cpuUsage(begin).user / 1000;
    assert.ok(ms < 1000, `${JSON.stringify(piece)}: ${ms} ms`);
  }
});

test('a machine file becomes a scenario without steps; what is none does not', () => {
  const { format, machine, steps, title } = JSON.parse(machineScenario('{"format": "mmscope-machine/1", "profile": {"name": "m", "memory": "64MiB"}}'));
  assert.deepEqual([format, machine, steps, title], ['mmscope/1', { profile: { name: 'm', memory: '64MiB' } }, [], 'm']);
  for (const text of ['', 'null', '[]', '{', '{"profile": null}', '{"profile": "x"}', '['.repeat(100_000)]) assert.equal(machineScenario(text), null, text.slice(0, 20));
});
