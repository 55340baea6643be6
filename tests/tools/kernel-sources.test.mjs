// The table of places in kernel sources: how definitions are found, on a small made-up tree, and that the table that is kept has
// a place or a reason for each function and kernel.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fileOf } from '../../web/js/glibc.js';
import { condition, definitions, eventFunctions, placesOf, readTree, releaseOf, tableOf, textOf } from '../../tools/kernel-sources.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const work = mkdtempSync(join(tmpdir(), 'mmscope-sources-'));
after(() => rmSync(work, { recursive: true, force: true }));

function tree(name, files) {
  for (const [path, lines] of Object.entries(files)) {
    mkdirSync(dirname(join(work, name, path)), { recursive: true });
    writeFileSync(join(work, name, path), lines.join('\n') + '\n');
  }
  return join(work, name);
}
const makefile = (version, patch, sub) => [`VERSION = ${version}`, `PATCHLEVEL = ${patch}`, `SUBLEVEL = ${sub}`];
const spans = (lines) => definitions(lines.join('\n')).map(({ name, first, last }) => [name, first, last]);

test('a function is from its type to the brace in the first column', () => {
  assert.deepEqual(spans([
    'int declared(int a);',                    // 1
    '',
    'static inline struct thing *',            // 3
    'split_over_lines(int a,',
    '                 int b)',
    '{',
    '    if (called(a)) { return 0; }',
    '}',                                       // 8
    'int on_one_line(void) { return 0; }',     // 9
    'static __always_inline __alloc_size(1) void *sized(int a)',
    '{',
    '}',                                       // 12
    'void locked(int a) __acquires(a)',
    '{',
    '}',                                       // 15
    'DEFINE_IDTENTRY_RAW_ERRORCODE(exc_thing)',
    '{',
    '}',                                       // 18
    '#define named(a) \\',
    '    other(a)',                            // 20
    '# define alias other',
    'SYSCALL_DEFINE1(call, unsigned long, a)', // 22
    '{',
    '}',
  ]), [['split_over_lines', 3, 8], ['on_one_line', 9, 9], ['sized', 10, 12], ['locked', 13, 15], ['exc_thing', 16, 18],
    ['named', 19, 20], ['alias', 21, 21], ['sys_call', 22, 24]]);
});

test('conditions are true, false or not known', () => {
  assert.equal(condition('defined(CONFIG_NUMA) && !defined(CONFIG_HIGHMEM)', 'arm64'), true);
  assert.equal(condition('defined(CONFIG_NUMA)', 'i386'), false);
  assert.equal(condition('defined CONFIG_HIGHMEM || IS_ENABLED(CONFIG_UNHEARD_OF)', 'i386'), true);
  assert.equal(condition('defined CONFIG_HIGHMEM && IS_ENABLED(CONFIG_UNHEARD_OF)', 'arm64'), false);
  assert.equal(condition('CONFIG_PGTABLE_LEVELS > 2 /* a note */', 'arm64'), null);
  assert.equal(condition('0', 'arm64'), false);
});

test('each architecture gets what it compiles', () => {
  const made = tree('branches', {
    Makefile: makefile(6, 1, 7),
    'mm/a.c': [
      '#ifdef CONFIG_NUMA', 'int by_node(void)', '{', '}', '#else', 'int by_node(void)', '{', '}', '#endif',
      'int profiled_noprof(void)', '{', '}', '#define profiled(...) hooks(profiled_noprof(__VA_ARGS__))',
      'int shared(void)', '{', '}',
    ],
    'mm/nommu.c': ['int shared(void)', '{', '}'],
    'arch/arm64/mm/a.c': ['int shared(void)', '{', '}'],
    'arch/x86/mm/a_32.c': ['int wide(void)', '{', '}'],
    'arch/x86/mm/a_64.c': ['', 'int wide(void)', '{', '}'],
  });
  assert.deepEqual(releaseOf(made), { series: '6.1', tag: 'v6.1.7' });
  const found = readTree(made, new Set(['by_node', 'profiled', 'profiled_noprof', 'shared', 'wide']));
  const at = (name) => placesOf(found, name).map(({ file, first, archs, name: called }) => [file, first, archs, called]);
  assert.deepEqual(at('by_node'), [['mm/a.c', 2, 3, 'by_node'], ['mm/a.c', 6, 4, 'by_node']]);
  assert.deepEqual(at('profiled'), [['mm/a.c', 10, 7, 'profiled_noprof']]);
  assert.deepEqual(at('shared'), [['arch/arm64/mm/a.c', 1, 1, 'shared'], ['mm/a.c', 14, 6, 'shared']]);
  assert.deepEqual(at('wide'), [['arch/x86/mm/a_64.c', 2, 2, 'wide'], ['arch/x86/mm/a_32.c', 1, 4, 'wide']]);
});

test('other names, reasons and what is wrong', () => {
  const old = tree('old', { Makefile: makefile(5, 4, 0), 'mm/a.c': ['int before(void)', '{', '}', '', 'int twice(void) { }', 'int twice(void) { }'] });
  const names = {
    as: { 5.4: { now: 'before' } },
    none: [{ kernels: ['5.4'], functions: ['later'], why: { en: 'not yet', zh: '尚无' } }],
  };
  const { table, problems } = tableOf([old], ['now', 'later', 'missing', 'twice'], names);
  assert.deepEqual(table.kernels, { 5.4: 'v5.4' });
  assert.deepEqual(table.functions.now, { 5.4: [[0, 1, 3, 7, 'before']] });
  assert.deepEqual(table.functions.later, { 5.4: 0 });
  assert.deepEqual(problems, ['v5.4: missing is nowhere', 'v5.4: twice is more than once in mm/a.c: line 5', 'v5.4: twice is more than once in mm/a.c: line 6']);
  assert.deepEqual(JSON.parse(textOf(table)), table);
});

test('the kept table has a place or a reason for each function that an event can name', () => {
  const table = JSON.parse(readFileSync(join(ROOT, 'web/kernel-sources.json'), 'utf8'));
  const functions = eventFunctions();
  assert.ok(functions.length > 200);
  assert.deepEqual(Object.keys(table.functions).sort(), [...new Set([...functions, ...Object.values(table.rules)])].sort());
  for (const [name, row] of Object.entries(table.functions)) {
    assert.deepEqual(Object.keys(row), Object.keys(table.kernels), name);
    for (const places of Object.values(row)) {
      if (Number.isInteger(places)) assert.ok(table.why[places].en && table.why[places].zh, name);
      else assert.ok(places.length > 0, name);
      for (const [file, first, last, archs] of Array.isArray(places) ? places : []) {
        assert.match(table.files[file], /^[\w./-]+\.[ch]$/);
        assert.ok(first >= 1 && last >= first && last - first < 700, name);
        assert.ok(archs === undefined || (archs > 0 && archs <= 7), name);
      }
    }
  }
});

test('each function of glibc that events name has its file', () => {
  const text = readFileSync(join(ROOT, 'engine/heap/functions.h'), 'utf8');
  const names = [...text.slice(text.indexOf('heap_function_names')).matchAll(/"(\w+)"/g)].map((match) => match[1]);
  assert.ok(names.length > 20);
  for (const name of names) assert.match(fileOf(name) ?? `none of ${name}`, /^malloc\/(malloc|arena)\.c$/);
  assert.equal(fileOf('do_mmap'), undefined);
});
