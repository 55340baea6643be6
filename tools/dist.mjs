// Puts the page together: web/, scenarios/ and the compiled module become one static folder.
//
//   web/js/**, web/i18n/**  ──► js/main.js      web/css/**  ──► css/page.css      one file each, without spaces and comments
//   web/js/lazy/*           ──► js/lazy/*       fetched when something is looked for, sent or received
//   web/index.html          ──► embed.html      the same page, marked as the small frame (web/js/frame.js)
//
// The build id is a hash of everything that is served. It replaces @BUILD_ID@ in text files of web/ (a service worker
// needs it to notice a new build) and is written, with the list of files and their sizes, to build.json. The gallery's
// list, scenarios/index.json, is made from the scenarios themselves; what things are found by, in find/, by find.mjs. Beside
// each file that gets smaller stand copies in brotli and gzip (NAME.br, NAME.gz), for hosts that send such copies:
// tools/serve.mjs does.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSync, transformSync } from 'esbuild';
import { writeCopies } from './copies.mjs';
import { findFiles, galleryList } from './find.mjs';

const { values: options } = parseArgs({
  options: {
    out: { type: 'string' },
    version: { type: 'string' },
    script: { type: 'string' },
    split: { type: 'string' },
    chinese: { type: 'string' },
    web: { type: 'string' },
    scenarios: { type: 'string' },
    notice: { type: 'string', multiple: true },
  },
});

// The packages of which something is in the page, with their licences. qrcode-generator has its own only as a line of its source.
const PACKAGES = {
  minisearch: 'node_modules/minisearch/LICENSE.txt',
  fflate: 'node_modules/fflate/LICENSE',
  'qrcode-generator': 'tools/notices/qrcode-generator.txt',
};

const TEXT = new Set(['.html', '.js', '.mjs', '.css', '.json', '.webmanifest', '.svg', '.txt']);
const root = dirname(options.web);

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

function notices() {
  const title = (name) => `${name}\n${'='.repeat(name.length)}\n\n`;
  const own = title('mmscope') + readFileSync(join(root, 'LICENSE'), 'utf8');
  const others = options.notice.map((notice) => {
    const at = notice.indexOf('=');
    return title(notice.slice(0, at)) + readFileSync(notice.slice(at + 1), 'utf8').trim() + '\n';
  });
  const packages = Object.entries(PACKAGES).map(([name, file]) => title(name) + readFileSync(join(root, file), 'utf8'));
  return [own, ...others, ...packages].join('\n\n');
}

// The gallery's list. `rest` in it: the first picture needs the rest of the engine, so the page asks for it at once.
function scenarioIndex() {
  const needRest = JSON.parse(readFileSync(join(options.split, 'need-rest.json'), 'utf8'));
  return JSON.stringify(galleryList({ web: options.web, scenarios: options.scenarios, needRest })) + '\n';
}

/** The page as it is in a frame of another page: the same but for what its root says. Search engines find the page itself. */
function embedPage(page) {
  const replaced = (text, from, to) => {
    if (!from.test(text)) throw new Error(`index.html has no ${from}`);
    return text.replace(from, to);
  };
  const marked = replaced(page, /<html lang="en">/, '<html lang="en" data-embed>');
  return Buffer.from(replaced(marked, /<meta name="description"[^>]*>/, '<meta name="robots" content="noindex">'));
}

// What esbuild makes smaller; the browsers are those that have WebAssembly with bulk memory operations.
const SMALL = { minify: true, charset: 'utf8', legalComments: 'none', target: ['chrome94', 'firefox93', 'safari15.4'] };
const small = (path, loader) => Buffer.from(transformSync(readFileSync(path, 'utf8'), { ...SMALL, loader }).code);

/** The file and all that it imports, but for the compiled module. */
function bundle(path) {
  const { outputFiles } = buildSync({
    ...SMALL, entryPoints: [path], bundle: true, format: 'esm', external: ['../mmscope.js', './lazy/*'], write: false,
  });
  return Buffer.from(outputFiles[0].contents);
}

// Path in dist -> contents.
const files = new Map();
for (const path of filesBelow(options.web)) {
  const name = relative(options.web, path);
  if (!['js', 'css', 'i18n', 'find', 'glossary', 'course', 'package.json'].includes(name.split(sep)[0])) files.set(name, readFileSync(path));
}
files.set('embed.html', embedPage(files.get('index.html').toString('utf8')));
files.set('js/main.js', bundle(join(options.web, 'js/main.js')));
for (const path of filesBelow(join(options.web, 'js/lazy'))) files.set(`js/lazy/${basename(path)}`, bundle(path));
for (const name of ['loads.js', 'theme.js']) files.set(`js/${name}`, small(join(options.web, 'js', name), 'js'));  // plain scripts
files.set('css/page.css', bundle(join(options.web, 'css/page.css')));
for (const path of filesBelow(options.scenarios)) {
  files.set(join('scenarios', relative(options.scenarios, path)), readFileSync(path));
}
files.set('scenarios/index.json', Buffer.from(scenarioIndex()));
for (const [name, text] of findFiles({ root, web: options.web, scenarios: options.scenarios })) files.set(name, Buffer.from(text));
files.set('mmscope.js', small(options.script, 'js'));
for (const name of readdirSync(options.split).filter((name) => name.endsWith('.wasm'))) {
  files.set(name, readFileSync(join(options.split, name)));
}
files.set('fonts/chinese.ttf', readFileSync(options.chinese));
files.set('NOTICES.txt', Buffer.from(notices()));

const hash = createHash('sha256');
for (const [name, contents] of files) hash.update(name).update('\0').update(contents);
const id = hash.digest('hex').slice(0, 12);

rmSync(options.out, { recursive: true, force: true });
const listed = [];
const written = [];
for (const [name, contents] of files) {
  const isOurText = TEXT.has(extname(name)) && name !== 'mmscope.js';
  const bytes = isOurText ? Buffer.from(contents.toString('utf8').replaceAll('@BUILD_ID@', id)) : contents;
  const path = join(options.out, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  written.push({ path, bytes });
  listed.push({ path: name.split(sep).join('/'), bytes: bytes.length });
}
const build = { version: options.version, id, files: listed };
written.push({ path: join(options.out, 'build.json'), bytes: Buffer.from(JSON.stringify(build, null, 1) + '\n') });
writeFileSync(written.at(-1).path, written.at(-1).bytes);
await writeCopies(written);
