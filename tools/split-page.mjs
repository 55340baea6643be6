// Splits the page's program into what the first picture calls and the rest, so that the picture waits for less.
//
//   mmscope.wasm ──► instrumented, run once for each first picture ──► mmscope.wasm        what one of them called and read
//                                                                      mmscope.rest-*.wasm  all other functions, texts, tables
//
// Nothing is decided by hand: what the first picture begins to need moves by itself. What the page does if it needs a
// function that has not come is in web/js/parts.js; it then only waits longer. The name of the rest holds a hash of its
// contents and stands in mmscope.wasm, so the two of different builds never meet.
//
// A constant goes to the rest when nothing in the first part can lead to it: no number in its code, in its changing data or in
// a constant that stays is its address. A text may have its address in a LateText (engine/base/late_text.h), which asks whether
// it is there. So a table goes where the functions go that read it, and takes along what only it leads to.
//
//   node tools/split-page.mjs --wasm-split PROGRAM --page FOLDER --objects FOLDER --scenarios FOLDER --chinese FONT --out FOLDER

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { standIn } from './stand-in-browser.mjs';
import {
  addressesInCode, customSection, filesIn, functionSizes, joined, lateAddresses, literals, memoryOf, noAddresses, tables, unreached,
  withoutMemory,
} from './wasm-data.mjs';
import { readObjects } from './wasm-objects.mjs';

const { values: options } = parseArgs({
  options: {
    'wasm-split': { type: 'string' },
    page: { type: 'string' },
    objects: { type: 'string' },
    scenarios: { type: 'string' },
    chinese: { type: 'string' },
    out: { type: 'string' },
  },
});

const DEFAULT_SCENARIO = '02-buddy';  // as web/js/app.js has it

// Code of the first part, before it is packed: a visitor waits for all of it. The default lesson takes what it takes; another
// lesson for which there is no room waits for both parts.
const FIRST_CODE_BYTES = 740_000;

// What is compiled for, and must be said, because the linker leaves it out of the file.
const FEATURES = ['--enable-mutable-globals', '--enable-sign-ext', '--enable-nontrapping-float-to-int', '--enable-bulk-memory'];

// ---- the first picture ----------------------------------------------------------------------------------------------

const scenarioIds = readdirSync(options.scenarios)
  .filter((name) => name.endsWith('.json') && name !== 'index.json').map((name) => basename(name, '.json')).sort();
const textOf = (id) => readFileSync(join(options.scenarios, `${id}.json`), 'utf8');

// The default lesson in all that may differ from one visitor to the next.
const DEFAULT_PICTURES = [
  {},
  { language: 'zh' },
  { theme: 'dark', reducedMotion: true },
  { width: 390, height: 250, density: 3 },
  { width: 1800, height: 1100, density: 2 },
  { webgl2: false },
];

// What a link may ask for: a place inside of it, another of its views, each lesson about the page allocator, at its start. As
// long as there is room for what they call.
function otherPictures(views) {
  const ofPages = views.filter(({ place }) => place === 'machine').map(({ id }) => id);
  if (ofPages.length === 0) throw new Error('no view is of the machine: hello() names its place another way');
  const aboutPages = scenarioIds.filter((id) => ofPages.includes(JSON.parse(textOf(id)).view?.open));
  const places = [{ step: 1 }, { step: 1, event: 2 }, { step: 4 }];
  return [...places, ...ofPages.map((view) => ({ view })), ...aboutPages.map((scenario) => ({ scenario }))];
}

class Missing extends Error {}

const work = (name) => join(options.out, 'work', name);
rmSync(options.out, { recursive: true, force: true });
mkdirSync(work('.'), { recursive: true });

const browser = standIn();
copyFileSync(join(options.page, 'mmscope.js'), work('mmscope.mjs'));  // a name by which node knows a module
const { default: createModule } = await import(pathToFileURL(resolve(work('mmscope.mjs'))));
const chinese = readFileSync(options.chinese);

const missing = (picture) => (slot) => { throw new Missing(`placeholder ${slot} in ${JSON.stringify(picture)}`); };

/**
 * Does with the program what web/js/main.js does up to the first picture. early(slot, values) is called for a function that
 * is not there, started(memory) before anything runs.
 */
async function draw(code, picture, { early = missing(picture), started = () => {} } = {}) {
  const { scenario = DEFAULT_SCENARIO, language = 'en', theme = 'light', reducedMotion = false, step = 0, event = 0, view } = picture;
  browser.box = { width: picture.width ?? 700, height: picture.height ?? 480 };
  browser.density = picture.density ?? 1;
  browser.webgl2 = picture.webgl2 ?? true;
  let exports = null;
  let size = null;
  const messages = [];
  const replies = [];
  const ask = (name, ...values) => {
    const reply = module[`_mmscope_${name}`](...values.map((value) => (typeof value === 'string' ? module.stringToNewUTF8(value) : value)));
    replies.push(reply ? module.UTF8ToString(reply) : '');
    return reply ? JSON.parse(replies.at(-1)) : null;
  };
  const memoryIn = (all) => Object.values(all).find((value) => value instanceof WebAssembly.Memory);
  const module = await createModule({
    canvas: browser.canvas,
    onFrame() {},
    onSize: (...told) => { size = told; },
    onCanvas: () => { if (ask('state').step !== undefined) ask('inspect'); },
    print: (line) => messages.push(line),
    printErr: (line) => messages.push(line),
    instantiateWasm(imports, receive) {
      const placeholder = new Proxy({}, { get: (_, slot) => (...values) => early(slot, values) });
      const instance = new WebAssembly.Instance(code, { ...imports, placeholder });
      exports = instance.exports;
      started(memoryIn(exports));
      receive(instance, code);
      return exports;
    },
  });
  const memory = memoryIn(exports);
  module.stackRestore(module.stackSave());
  module._canvas_memory_end();
  if (language === 'zh' && size !== null) {
    const place = module._malloc(chinese.length);
    new Uint8Array(memory.buffer).set(chinese, place);
    module._canvas_add_chinese(place, chinese.length);
    module._free(place);
  }

  const { views } = ask('hello');
  for (const wish of [{ reducedMotion }, { language }, { theme }]) ask('choose', JSON.stringify(wish));
  const text = textOf(scenario);
  let loaded = ask('load', scenario, text);
  while (loaded.need) {
    ask('add_machine', loaded.need, readFileSync(join(options.scenarios, 'machines', `${loaded.need}.json`), 'utf8'));
    loaded = ask('load', scenario, text);
  }
  if (loaded.error) throw new Error(`${scenario}: ${loaded.error.message.en}`);
  const panels = () => {
    ask('steps', 0, 300);
    ask('ops', 0, Math.min(loaded.steps, 300));
    ask('events', 0, 200);
    ask('inspect');
  };
  panels();
  ask('seek', step, event);
  ask('seek_at', ask('state').at);
  panels();
  ask('choose', JSON.stringify({ ...(view ? { view } : {}), colour: 'state', layout: 'z-order', look: '' }));
  panels();
  if (size !== null) {
    module._canvas_resized(...size);
    for (let frame = 1; frame < 3; ++frame) module._canvas_draw();
  }
  ask('state');
  ask('timeline', 0, loaded.steps, Math.max(1, Math.min(loaded.steps, 600)));
  if (messages.length > 0) throw new Error(messages.join('\n'));
  return { exports, memory, module, views, replies, steps: loaded.steps };
}

// ---- splitting ------------------------------------------------------------------------------------------------------

const wasmSplit = (...args) => execFileSync(options['wasm-split'], args, { stdio: ['ignore', 'ignore', 'inherit'] });
const compiled = (path) => new WebAssembly.Module(readFileSync(path));

function profileOf({ exports, memory, module }) {
  const size = exports.__write_profile(0, 0);
  const place = module._malloc(size);
  exports.__write_profile(place, size);
  return Buffer.from(new Uint8Array(memory.buffer, place, size));
}

/** Which functions of a profile were called, by number. wasm-split writes 8 bytes about the program, then a word for each. */
function called(profile) {
  return Array.from({ length: (profile.length - 8) / 4 }, (_, i) => i).filter((i) => profile.readUInt32LE(8 + 4 * i) !== 0);
}

/** The pictures that must be there, and of the others, the cheapest first, those for which there is room. */
function withRoom(must, others, sizes) {
  const there = new Set();
  const bytes = (functions) => functions.reduce((sum, i) => sum + (there.has(i) ? 0 : sizes[i]), 0);
  const chosen = [];
  let room = FIRST_CODE_BYTES;
  const take = (one) => {
    room -= bytes(one.called);
    for (const i of one.called) there.add(i);
    chosen.push(one);
  };
  must.forEach(take);
  for (const left = [...others]; left.length > 0;) {
    left.sort((a, b) => bytes(a.called) - bytes(b.called));
    if (bytes(left[0].called) > room) break;
    take(left.shift());
  }
  return chosen;
}

/** The constants that the first part cannot reach, but by asking whether they are there. */
function lateConstants(program) {
  const memory = memoryOf(program);
  const map = readFileSync(join(options.page, 'mmscope.map'), 'utf8');
  const objects = readObjects(options.objects, filesIn(map));
  const texts = literals(memory, map), others = tables(memory, map, objects);
  if (texts.length === 0 || others.length === 0 || lateAddresses(memory).size === 0)
    throw new Error('no texts or tables were found: mmscope.map or base/late_text.h is written another way');
  const printed = execFileSync(join(dirname(options['wasm-split']), 'wasm-dis'), [...FEATURES, work('first.wasm')], { maxBuffer: 2 ** 30 });
  const code = printed.toString('latin1').replace(/^ \(data .*$/gm, '');
  return { memory, constants: unreached(memory, [...texts, ...others], addressesInCode(code), noAddresses(memory, map, objects)) };
}

/** Those of the constants that no first picture reads. A text that one reads is given to it when it asks. */
async function unread(code, { memory, constants }) {
  let slot = null;  // of the function by which a LateText says that it is not there
  let early = missing({});
  const { module } = await draw(code, {}, { early: (...called) => early(...called) });
  early = (called) => { slot = called; };
  module._late_text_missing(0);
  if (slot === null) throw new Error('a text that is not there would not be waited for: late_text_missing() is in the first part');

  const waiting = new Map(constants.map((one) => [one.from, one]));
  for (const picture of all) {
    let running = null;
    await draw(code, picture, {
      started: (begun) => {
        running = begun;
        for (const { from, end } of waiting.values()) new Uint8Array(running.buffer).fill(0, from, end);
      },
      early: (called, [at]) => {
        const text = called === slot && waiting.get(at);
        if (!text) missing(picture)(called);
        new Uint8Array(running.buffer).set(memory.subarray(text.from, text.end), text.from);
        waiting.delete(at);
      },
    });
  }
  return [...waiting.values()];
}

/** What the page writes into the memory when the rest has come: how many ranges, where and how long each is, their bytes. */
function constantsSection(memory, ranges) {
  const head = Uint32Array.from([ranges.length, ...ranges.flatMap(({ from, end }) => [from, end - from])]);
  return customSection('constants', Buffer.concat([Buffer.from(head.buffer), ...ranges.map(({ from, end }) => memory.subarray(from, end))]));
}

const whole = join(options.page, 'mmscope.wasm');
wasmSplit('--instrument', ...FEATURES, whole, '-o', work('instrumented.wasm'));
const instrumented = compiled(work('instrumented.wasm'));
const seen = [];
const { views, steps: defaultSteps } = await draw(instrumented, {});
for (const picture of [...DEFAULT_PICTURES, ...otherPictures(views)]) {
  const profile = profileOf(await draw(instrumented, picture));
  const path = work(`${seen.length}.profile`);
  writeFileSync(path, profile);
  seen.push({ picture, path, called: called(profile) });
}
const chosen = withRoom(seen.slice(0, DEFAULT_PICTURES.length), seen.slice(DEFAULT_PICTURES.length), functionSizes(readFileSync(whole)));
const all = chosen.map(({ picture }) => picture);
wasmSplit('--merge-profiles', ...chosen.map(({ path }) => path), '-o', work('merged.profile'));
wasmSplit('--split', ...FEATURES, whole, '--profile', work('merged.profile'), '--export-prefix', '%',
  '--placeholdermap', '-o1', work('first.wasm'), '-o2', work('rest.wasm'));

const late = lateConstants(readFileSync(work('first.wasm')));
const ranges = joined(await unread(compiled(work('first.wasm')), late));
const rest = Buffer.concat([readFileSync(work('rest.wasm')), constantsSection(late.memory, ranges)]);
const name = `mmscope.rest-${createHash('sha256').update(rest).digest('hex').slice(0, 12)}.wasm`;
const first = Buffer.concat([withoutMemory(readFileSync(work('first.wasm')), ranges), customSection('rest', name)]);

// Each picture again, with nothing but the first part. It answers as the whole program does, or asks for the rest: true.
const wholeCode = compiled(whole), firstCode = new WebAssembly.Module(first);
async function needsRest(picture) {
  let drawn;
  try {
    drawn = await draw(firstCode, picture);
  } catch (failed) {
    if (!(failed instanceof Missing)) throw failed;
    return true;
  }
  const { replies } = await draw(wholeCode, picture);
  const other = replies.findIndex((reply, i) => reply !== drawn.replies[i]);
  if (other !== -1) throw new Error(`the first part answers otherwise in ${JSON.stringify(picture)}: ${drawn.replies[other]}`);
  return false;
}
for (const picture of all) if (await needsRest(picture)) throw new Error(`the first part is not enough for ${JSON.stringify(picture)}`);
for (let step = 1; step <= defaultSteps; ++step) await needsRest({ step });
const needRest = [];
for (const scenario of scenarioIds) if (await needsRest({ scenario })) needRest.push(scenario);

writeFileSync(join(options.out, name), rest);
writeFileSync(join(options.out, 'mmscope.wasm'), first);
writeFileSync(join(options.out, 'need-rest.json'), JSON.stringify(needRest) + '\n');
