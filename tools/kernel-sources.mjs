// Where the kernel functions of the events stand in the sources of stable releases: name, file, first and last line.
//
//   node tools/kernel-sources.mjs TREE... > web/kernel-sources.json
//
// TREE is an unpacked source of a kernel as it was released, before a distribution's patches, which move lines. Debian has
// it as the .orig.tar of its source package: apt-get source --download-only --tar-only linux=VERSION. The names come
// from engine/*/functions.h, what they are called in other kernels from tools/kernel-names.json. Facts only: no text of
// the sources is kept.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

// Where functions of the memory management are defined.
const FOLDERS = [
  'mm', 'lib', 'kernel/rcu', 'include/linux', 'include/asm-generic', 'arch/arm64/mm', 'arch/arm64/include/asm',
  'arch/x86/mm', 'arch/x86/kernel', 'arch/x86/include/asm',
];
const FILES = ['kernel/sysctl.c', 'kernel/fork.c', 'kernel/exit.c', 'kernel/kthread.c', 'kernel/sched/core.c', 'fs/binfmt_elf.c', 'fs/exec.c', 'fs/open.c', 'fs/namei.c', 'arch/arm64/kernel/vdso.c', 'arch/x86/entry/vdso/vma.c'];
// For machines without an MMU, of one CPU, before the kernel runs, or outside of it.
const NOT_IN_USE =
  /nommu\.c|percpu-km\.c|rcu\/tiny\.c|rcutiny\.h|decompress_|raid\/|logic_iomem\.c|logic_io\.h|asm-generic\/(io|page|pgalloc|tlbflush)\.h|tests?\//;

/** The architectures of a place are bits. */
export const ARCHITECTURES = ['arm64', 'x86_64', 'i386'];
const ALL = 7;

// What Debian's kernels are built with, as far as definitions hang on it. A list names the architectures that have it; what
// is not named here may be or not. i386 is 686-pae.
const X86 = ['x86_64', 'i386'];
const CONFIG = {
  __KERNEL__: ARCHITECTURES, __ASSEMBLY__: [], __ASSEMBLER__: [], MODULE: [],
  CONFIG_MMU: ARCHITECTURES, CONFIG_SMP: ARCHITECTURES, CONFIG_NUMA: ['arm64', 'x86_64'], CONFIG_HIGHMEM: ['i386'],
  HASHED_PAGE_VIRTUAL: ['i386'], WANT_PAGE_VIRTUAL: [], CONFIG_PROC_SYSCTL: ARCHITECTURES, CONFIG_SYSCTL: ARCHITECTURES,
  CONFIG_TRANSPARENT_HUGEPAGE: ARCHITECTURES, CONFIG_HAVE_ARCH_HUGE_VMAP: ARCHITECTURES, CONFIG_ARCH_KEEP_MEMBLOCK: ['arm64'],
  CONFIG_SLUB_DEBUG: ARCHITECTURES, CONFIG_SLUB_CPU_PARTIAL: ARCHITECTURES, CONFIG_SLUB_TINY: [], CONFIG_KASAN: [],
  CONFIG_KASAN_GENERIC: [], CONFIG_DEBUG_VIRTUAL: [], CONFIG_SPARSEMEM_VMEMMAP: ['arm64', 'x86_64'], CONFIG_X86_64: ['x86_64'],
  CONFIG_X86_32: ['i386'], CONFIG_X86_PAE: ['i386'], CONFIG_64BIT: ['arm64', 'x86_64'], CONFIG_ARM64_CONTPTE: ['arm64'],
  CONFIG_CONTIG_ALLOC: ARCHITECTURES, __PAGETABLE_PUD_FOLDED: [], __PAGETABLE_PMD_FOLDED: [], CONFIG_PARAVIRT_XXL: ['x86_64'],
  CONFIG_ARCH_WANT_DEFAULT_TOPDOWN_MMAP_LAYOUT: ['arm64'], HAVE_ARCH_PICK_MMAP_LAYOUT: X86,
  __HAVE_ARCH_PTEP_SET_ACCESS_FLAGS: ARCHITECTURES, __HAVE_ARCH_PGD_FREE: ARCHITECTURES,
};

// ---- conditions of the preprocessor: true, false, or null where it is not known

const not = (a) => (a === null ? null : !a);
const and = (a, b) => (a === false || b === false ? false : a === null || b === null ? null : true);
const or = (a, b) => not(and(not(a), not(b)));

function isSet(symbol, arch) {
  return Object.hasOwn(CONFIG, symbol) ? CONFIG[symbol].includes(arch) : null;
}

/** What `#if text` is for an architecture. */
export function condition(text, arch) {
  const tokens = text.replace(/\/\*.*?(\*\/|$)/g, '').match(/\w+|&&|\|\||[!()]|[<>=]=?|!=/g) ?? [];
  let at = 0;
  function one() {
    const token = tokens[at++];
    if (token === '!') return not(one());
    if (token === '(') {
      const value = either();
      at += 1;
      return value;
    }
    if (/^(defined|IS_ENABLED|IS_BUILTIN)$/.test(token)) {
      const inParentheses = tokens[at] === '(';
      const symbol = tokens[at + (inParentheses ? 1 : 0)];
      at += inParentheses ? 3 : 1;
      return isSet(symbol, arch);
    }
    return /^\d+$/.test(token) ? token !== '0' : null;
  }
  function compared() {
    const value = one();
    if (!/^[<>=]/.test(tokens[at] ?? '')) return value;
    at += 2;
    return null;
  }
  function both() {
    let value = compared();
    while (tokens[at] === '&&') { at += 1; value = and(value, compared()); }
    return value;
  }
  function either() {
    let value = both();
    while (tokens[at] === '||') { at += 1; value = or(value, both()); }
    return value;
  }
  return either();
}

// The branches of the #ifs that a line stands in, as [condition, is it the branch where that holds].
class Branches {
  #stack = [];  // of [all earlier conditions of this #if, the condition of this branch]
  read(directive, text) {
    if (directive === 'endif') this.#stack.pop();
    else if (directive === 'else' || directive === 'elif') {
      const top = this.#stack.at(-1);
      if (!top) return;
      if (top.now !== null) top.before.push(top.now);
      top.now = directive === 'elif' ? text : null;
    } else this.#stack.push({ before: [], now: directive === 'if' ? text : `${directive === 'ifndef' ? '!' : ''}defined(${text.trim().split(/\s/)[0]})` });
  }
  /** A function that says whether a line here is compiled for an architecture. */
  here() {
    const all = this.#stack.map(({ before, now }) => ({ before: [...before], now }));
    return (arch) => all.reduce((value, { before, now }) => {
      const skipped = before.reduce((other, text) => and(other, not(condition(text, arch))), true);
      return and(value, and(skipped, now === null ? true : condition(now, arch)));
    }, true);
  }
}

// ---- definitions

// The last line of what begins at line `from`: of a function the brace in the first column, of a macro where it is not
// continued.
function endOfFunction(lines, from, brace) {
  const text = lines[brace];
  const rest = text.slice(text.indexOf('{'));
  if ((rest.match(/{/g) ?? []).length === (rest.match(/}/g) ?? []).length) return brace;
  for (let i = brace + 1; i < lines.length; ++i) if (lines[i].startsWith('}')) return i;
  throw new Error(`no end of what begins in line ${from + 1}`);
}
function endOfMacro(lines, from) {
  let at = from;
  while (lines[at].endsWith('\\')) at += 1;
  return at;
}

// A type on lines of its own belongs to the function: back to what ends something else.
function startOfFunction(lines, at) {
  let from = at;
  while (from > 0 && /^[A-Za-z_][\w\s*]*$/.test(lines[from - 1]) && !/^(else|do)\b/.test(lines[from - 1])) from -= 1;
  return from;
}

// What looks like a call before the name of a function.
const ATTRIBUTES = /^__(alloc_size|realloc_size|printf|attribute__|section|assume_aligned)$/;

// Where the parameters that begin at [line, column] are followed by a body: the line of its brace, or -1.
function bodyOf(lines, line, column) {
  let depth = 0;
  for (let i = line; i < Math.min(lines.length, line + 16); ++i) {
    for (let c = i === line ? column : 0; c < lines[i].length; ++c) {
      const ch = lines[i][c];
      if (ch === '(') depth += 1;
      else if (ch === ')') depth -= 1;
      else if (depth === 0 && ch === ';') return -1;
      else if (depth === 0 && ch === '{') return i;
    }
    if (lines[i].startsWith('#')) return -1;
  }
  return -1;
}

/** All definitions of functions and macros in a text: {name, first, last, macro, holds(arch)}, lines from 1. */
export function definitions(text) {
  const lines = text.split('\n');
  const branches = new Branches();
  const found = [];
  const add = (name, first, last, macro) => found.push({ name, first: first + 1, last: last + 1, macro, holds: branches.here() });
  for (let i = 0; i < lines.length; ++i) {
    const line = lines[i];
    const directive = /^\s*#\s*(ifdef|ifndef|if|elif|else|endif)\b(.*)/.exec(line);
    if (directive) {
      let told = directive[2];
      while (lines[i].endsWith('\\')) told = told.replace(/\\$/, ' ') + lines[++i];
      branches.read(directive[1], told);
      continue;
    }
    const macro = /^\s*#\s*define\s+(\w+)/.exec(line);
    if (macro) {
      const last = endOfMacro(lines, i);
      add(macro[1], i, last, true);
      i = last;
      continue;
    }
    // Kernel style: what is not inside of something begins in the first column.
    if (!/^[A-Za-z_]/.test(line)) continue;
    for (const call of line.matchAll(/\b(\w+)\s*\(/g)) {
      if (ATTRIBUTES.test(call[1])) continue;
      const brace = bodyOf(lines, i, call.index + call[0].length - 1);
      if (brace < 0) continue;
      const systemCall = /^SYSCALL_DEFINE\d$/.test(call[1]);
      const entry = systemCall || /^DEFINE_IDTENTRY\w*$/.test(call[1]) ? /\((\w+)/.exec(line) : null;
      const last = endOfFunction(lines, i, brace);
      add(entry ? (systemCall ? 'sys_' : '') + entry[1] : call[1], startOfFunction(lines, i), last, false);
      break;
    }
  }
  return found;
}

// ---- a kernel

function filesOf(tree) {
  const inside = (folder) => (existsSync(join(tree, folder)) ? readdirSync(join(tree, folder), { withFileTypes: true }) : [])
    .flatMap((entry) => (entry.isDirectory() ? inside(join(folder, entry.name)) : [join(folder, entry.name)]));
  const files = new Set([...FOLDERS.flatMap(inside), ...FILES].map((file) => file.replaceAll('\\', '/')));
  return [...files].filter((file) => /\.[ch]$/.test(file) && !NOT_IN_USE.test(file) && existsSync(join(tree, file))).sort();
}

function isFor(file, arch) {
  if (file.startsWith('arch/arm64/')) return arch === 'arm64';
  if (!file.startsWith('arch/x86/')) return true;
  return arch === 'x86_64' ? !/_32\.[ch]$/.test(file) : arch === 'i386' && !/_64\.[ch]$/.test(file);
}

/** "v6.1.176" of a tree's Makefile, and the name of the series. */
export function releaseOf(tree) {
  const makefile = readFileSync(join(tree, 'Makefile'), 'utf8');
  const [version, patch, sub] = ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map((name) => new RegExp(`^${name} = (\\d+)$`, 'm').exec(makefile)[1]);
  return { series: `${version}.${patch}`, tag: `v${version}.${patch}${sub === '0' ? '' : `.${sub}`}` };
}

/** Name -> [{file, first, last, macro, holds}] of all that the tree defines under one of the names. */
export function readTree(tree, names) {
  const found = new Map();
  for (const file of filesOf(tree)) {
    const text = readFileSync(join(tree, file), 'utf8');
    for (const definition of definitions(text)) {
      if (!names.has(definition.name)) continue;
      if (!found.has(definition.name)) found.set(definition.name, []);
      found.get(definition.name).push({ ...definition, file });
    }
  }
  return found;
}

// The definitions of a name that an architecture compiles: its own before the others', functions before macros.
function chosen(candidates, arch) {
  let left = candidates.filter(({ file, holds }) => isFor(file, arch) && holds(arch) !== false);
  if (left.some(({ file }) => file.startsWith('arch/'))) left = left.filter(({ file }) => file.startsWith('arch/'));
  if (left.some(({ macro }) => !macro)) left = left.filter(({ macro }) => !macro);
  return left;
}

/** The places of a function: [{file, first, last, archs, name}]. Allocation profiling has renamed some to name_noprof. */
export function placesOf(found, name) {
  const places = new Map();
  for (const [bit, arch] of ARCHITECTURES.entries()) {
    const profiled = chosen(found.get(`${name}_noprof`) ?? [], arch).filter(({ macro }) => !macro);
    for (const { file, first, last, name: called } of profiled.length ? profiled : chosen(found.get(name) ?? [], arch)) {
      const key = `${file}:${first}`;
      if (!places.has(key)) places.set(key, { file, first, last, name: called, archs: 0 });
      places.get(key).archs |= 1 << bit;
    }
  }
  return [...places.values()];
}

// ---- the table

export function eventFunctions(root = ROOT) {
  const names = ['physical', 'slab', 'mmu', 'kernel', 'process'].flatMap((room) => {
    const text = readFileSync(join(root, 'engine', room, 'functions.h'), 'utf8');
    return [...text.slice(text.indexOf('_function_names')).matchAll(/"(\w+)"/g)].map((match) => match[1]);
  });
  return [...new Set(names)];
}

// A place as the table has it: file, first and last line, and where they are not plain the architectures and the name.
function row(place, name, files) {
  if (!files.includes(place.file)) files.push(place.file);
  const cells = [files.indexOf(place.file), place.first, place.last];
  if (place.name !== name) cells.push(place.archs, place.name);
  else if (place.archs !== ALL) cells.push(place.archs);
  return cells;
}

/** The table of several trees, and what is wrong with it: for the functions, and for those that hold rules. */
export function tableOf(trees, functions, names) {
  const rules = names.rules ?? {};
  const table = { kernels: {}, architectures: ARCHITECTURES, files: [], why: names.none.map(({ why }) => why), rules, functions: {} };
  functions = [...new Set([...functions, ...Object.values(rules)])];
  const problems = [];
  for (const name of functions) table.functions[name] = {};
  for (const tree of trees) {
    const { series, tag } = releaseOf(tree);
    const others = names.as[series] ?? {};
    const wanted = [...functions, ...Object.values(others)].flatMap((name) => [name, `${name}_noprof`]);
    const found = readTree(tree, new Set(wanted));
    table.kernels[series] = tag;
    for (const name of functions) {
      const reason = names.none.findIndex((none) => none.kernels.includes(series) && none.functions.includes(name));
      const places = reason >= 0 ? [] : placesOf(found, others[name] ?? name);
      if (reason < 0 && places.length === 0) problems.push(`${tag}: ${name} is nowhere`);
      const twice = places.filter((a) => places.some((b) => a !== b && a.file === b.file && (a.archs & b.archs)));
      for (const { file, first } of twice) problems.push(`${tag}: ${name} is more than once in ${file}: line ${first}`);
      table.functions[name][series] = reason >= 0 ? reason : places.map((place) => row(place, name, table.files));
    }
  }
  return { table, problems };
}

/** One function a line, so that a difference can be read. */
export function textOf(table) {
  const lines = Object.entries(table.functions).map(([name, row]) => `${JSON.stringify(name)}:${JSON.stringify(row)}`);
  const head = JSON.stringify({ ...table, functions: undefined });
  return `${head.slice(0, -1)},\n"functions":{\n${lines.join(',\n')}\n}}\n`;
}

function main(trees) {
  if (trees.length === 0) {
    console.error('node tools/kernel-sources.mjs TREE... > web/kernel-sources.json');
    process.exit(2);
  }
  const names = JSON.parse(readFileSync(join(ROOT, 'tools/kernel-names.json'), 'utf8'));
  const { table, problems } = tableOf(trees, eventFunctions(), names);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(1);
  process.stdout.write(textOf(table));
}

if (process.argv[1] && relative(process.argv[1], fileURLToPath(import.meta.url)) === '') main(process.argv.slice(2));
