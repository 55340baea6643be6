// Splits the page's program into what the first picture calls and the rest, so that the picture waits for less.
//
//   mmscope.wasm ──► instrumented, run once for each of pictures() ──► mmscope.wasm        what one of them called
//                                                                      mmscope.rest-*.wasm  all else
//
// Nothing is decided by hand: a function that the first picture begins to need moves by itself. What the page does if it
// needs a function that has not come is in web/js/parts.js; it then only waits longer. The name of the rest holds a hash
// of its contents and stands in mmscope.wasm, so the two of different builds never meet.
//
//   node tools/split-page.mjs --wasm-split PROGRAM --page FOLDER --scenarios FOLDER --chinese FONT --out FOLDER

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { standIn } from './stand-in-browser.mjs';

const { values: options } = parseArgs({
  options: {
    'wasm-split': { type: 'string' },
    page: { type: 'string' },
    scenarios: { type: 'string' },
    chinese: { type: 'string' },
    out: { type: 'string' },
  },
});

const DEFAULT_SCENARIO = '02-buddy';  // as web/js/app.js has it

// What is compiled for, and must be said, because the linker leaves it out of the file.
const FEATURES = ['--enable-mutable-globals', '--enable-sign-ext', '--enable-nontrapping-float-to-int', '--enable-bulk-memory'];

// ---- the first picture ----------------------------------------------------------------------------------------------

const scenarioIds = readdirSync(options.scenarios)
  .filter((name) => name.endsWith('.json') && name !== 'index.json').map((name) => basename(name, '.json')).sort();
const textOf = (id) => readFileSync(join(options.scenarios, `${id}.json`), 'utf8');

// The default lesson in all that may differ from one visitor to the next, and somewhere inside, as a link says; and each
// lesson about the page allocator, at its start.
function pictures(views) {
  const ofPages = views.filter(({ group }) => group === 'pages').map(({ id }) => id);
  const aboutPages = scenarioIds.filter((id) => ofPages.includes(JSON.parse(textOf(id)).view?.open));
  return [
    {},
    { language: 'zh' },
    { theme: 'dark', reducedMotion: true },
    { width: 390, height: 250, density: 3 },
    { width: 1800, height: 1100, density: 2 },
    { webgl2: false },
    ...[1, 2, 3, 4].map((step) => ({ step })),
    { step: 1, event: 2 },
    ...ofPages.map((view) => ({ view })),
    ...aboutPages.map((scenario) => ({ scenario })),
  ];
}

class Missing extends Error {}

const work = (name) => join(options.out, 'work', name);
rmSync(options.out, { recursive: true, force: true });
mkdirSync(work('.'), { recursive: true });

const browser = standIn();
copyFileSync(join(options.page, 'mmscope.js'), work('mmscope.mjs'));  // a name by which node knows a module
const { default: createModule } = await import(pathToFileURL(resolve(work('mmscope.mjs'))));
const chinese = readFileSync(options.chinese);

/** Does with the program what web/js/main.js does up to the first picture. Throws Missing where a function is not there. */
async function draw(code, picture) {
  const { scenario = DEFAULT_SCENARIO, language = 'en', theme = 'light', reducedMotion = false, step = 0, event = 0, view } = picture;
  browser.box = { width: picture.width ?? 700, height: picture.height ?? 480 };
  browser.density = picture.density ?? 1;
  browser.webgl2 = picture.webgl2 ?? true;
  let exports = null;
  let size = null;
  const messages = [];
  const ask = (name, ...values) => {
    const reply = module[`_mmscope_${name}`](...values.map((value) => (typeof value === 'string' ? module.stringToNewUTF8(value) : value)));
    return reply ? JSON.parse(module.UTF8ToString(reply)) : null;
  };
  const early = (slot) => () => { throw new Missing(`placeholder ${String(slot)} in ${JSON.stringify(picture)}`); };
  const module = await createModule({
    canvas: browser.canvas,
    onFrame() {},
    onSize: (...told) => { size = told; },
    onCanvas: () => { if (ask('state').step !== undefined) ask('inspect'); },
    print: (line) => messages.push(line),
    printErr: (line) => messages.push(line),
    instantiateWasm(imports, receive) {
      const placeholder = new Proxy({}, { get: (_, slot) => early(slot) });
      const instance = new WebAssembly.Instance(code, { ...imports, placeholder });
      exports = instance.exports;
      receive(instance, code);
      return exports;
    },
  });
  const memory = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
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
  return { exports, memory, module, views };
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

/** A custom section: a name and contents that the program itself does not see. */
function customSection(name, contents) {
  const leb = (number) => (number < 128 ? [number] : [(number & 127) | 128, ...leb(number >> 7)]);
  const body = Buffer.concat([Buffer.from(leb(name.length)), Buffer.from(name), Buffer.from(contents)]);
  return Buffer.concat([Buffer.from([0, ...leb(body.length)]), body]);
}

const whole = join(options.page, 'mmscope.wasm');
wasmSplit('--instrument', ...FEATURES, whole, '-o', work('instrumented.wasm'));
const instrumented = compiled(work('instrumented.wasm'));
const all = pictures((await draw(instrumented, {})).views);
const profiles = [];
for (const picture of all) {
  profiles.push(work(`${profiles.length}.profile`));
  writeFileSync(profiles.at(-1), profileOf(await draw(instrumented, picture)));
}
wasmSplit('--merge-profiles', ...profiles, '-o', work('merged.profile'));
wasmSplit('--split', ...FEATURES, whole, '--profile', work('merged.profile'), '--export-prefix', '%',
  '--placeholdermap', '-o1', work('first.wasm'), '-o2', work('rest.wasm'));

const rest = readFileSync(work('rest.wasm'));
const name = `mmscope.rest-${createHash('sha256').update(rest).digest('hex').slice(0, 12)}.wasm`;
const first = Buffer.concat([readFileSync(work('first.wasm')), customSection('rest', name)]);

// The same pictures again, with nothing but the first part; and which other lessons begin with a picture that needs both.
const firstCode = new WebAssembly.Module(first);
for (const picture of all) await draw(firstCode, picture);
const needRest = [];
for (const scenario of scenarioIds) {
  try {
    await draw(firstCode, { scenario });
  } catch (failed) {
    if (!(failed instanceof Missing)) throw failed;
    needRest.push(scenario);
  }
}

writeFileSync(join(options.out, name), rest);
writeFileSync(join(options.out, 'mmscope.wasm'), first);
writeFileSync(join(options.out, 'need-rest.json'), JSON.stringify(needRest) + '\n');
