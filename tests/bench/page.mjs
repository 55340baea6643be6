// What the page costs before its first picture, which is the first frame that shows a machine: bytes by file of all that it
// has asked for until then, and milliseconds from navigation, in headless Chromium. What it fetches behind the picture is
// counted apart. `./dev bench` prints it; RESULTS.md keeps it.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { open, startShared, stopShared } from '../browser/harness.mjs';

const RUNS = 7;
const DIST = process.env.MMSCOPE_DIST ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'build', 'web', 'dist');

function sizes(path) {
  const bytes = readFileSync(join(DIST, path));
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return { path, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
}

const row = (name, raw, gzip, brotli) =>
  console.log(`${name.padEnd(44)} ${String(raw).padStart(10)} ${String(gzip).padStart(10)} ${String(brotli).padStart(10)}`);

const { server } = await startShared();
const base = new URL(server.url).pathname;
const fileOf = (url) => relative(base, decodeURIComponent(new URL(url).pathname)) || 'index.html';
const requested = new Set();
const behind = new Map();  // file → in how many runs it was asked for after the first picture, and not before
const times = [];
for (let run = 0; run < RUNS; run += 1) {
  const opened = await open({
    motion: 'no-preference',
    ready: false,
    prepare: async (page) => {
      page.on('request', (request) => requested.add(fileOf(request.url())));
      await page.addInitScript(() => {
        new MutationObserver((_, observer) => {
          if (document.documentElement?.dataset.ready !== '1') return;
          window.__firstPicture = performance.now();
          observer.disconnect();
        }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-ready'] });
      });
    },
  });
  times.push(await opened.page.waitForFunction(() => window.__firstPicture).then((handle) => handle.jsonValue()));
  await opened.page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
  const later = await opened.page.evaluate(() => {
    const fetched = performance.getEntriesByType('resource');
    const before = new Set(fetched.filter((entry) => entry.startTime <= window.__firstPicture).map((entry) => entry.name));
    return [...new Set(fetched.map((entry) => entry.name))].filter((name) => !before.has(name));
  });
  for (const file of later.map(fileOf)) behind.set(file, (behind.get(file) ?? 0) + 1);
  await opened.close();
}
await stopShared();

function table(title, files) {
  const rows = files.map(sizes).sort((a, b) => b.brotli - a.brotli);
  row(title, 'raw', 'gzip -9', 'brotli 11');
  for (const file of rows) row(file.path, file.raw, file.gzip, file.brotli);
  const sum = (key) => rows.reduce((total, file) => total + file[key], 0);
  row('all', sum('raw'), sum('gzip'), sum('brotli'));
}

const isBehind = (file) => behind.get(file) === RUNS;
table('until the first picture, bytes', [...requested].filter((file) => !isBehind(file)));
console.log();
table('behind the first picture, bytes', [...requested].filter(isBehind));

times.sort((a, b) => a - b);
console.log(`\nnavigation to first picture, ms, ${RUNS} runs in fresh profiles: ` +
  `min ${Math.round(times[0])}, median ${Math.round(times[RUNS >> 1])}, max ${Math.round(times[RUNS - 1])}`);
