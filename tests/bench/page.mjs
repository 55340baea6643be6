// What the page costs before its first picture: bytes by file, and milliseconds from navigation to the first frame in
// headless Chromium. `./dev bench` prints it; RESULTS.md keeps it.
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
const requested = new Set();
const times = [];
for (let run = 0; run < RUNS; run += 1) {
  const opened = await open({
    motion: 'no-preference',
    ready: false,
    prepare: async (page) => {
      page.on('request', (request) => requested.add(decodeURIComponent(new URL(request.url()).pathname)));
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
  await opened.close();
}
await stopShared();

const base = new URL(server.url).pathname;
const files = [...requested].map((path) => relative(base, path) || 'index.html').map(sizes);
files.sort((a, b) => b.brotli - a.brotli);
row('first load, bytes', 'raw', 'gzip -9', 'brotli 11');
for (const file of files) row(file.path, file.raw, file.gzip, file.brotli);
const sum = (key) => files.reduce((total, file) => total + file[key], 0);
row('all', sum('raw'), sum('gzip'), sum('brotli'));

times.sort((a, b) => a - b);
console.log(`\nnavigation to first picture, ms, ${RUNS} runs in fresh profiles: ` +
  `min ${Math.round(times[0])}, median ${Math.round(times[RUNS >> 1])}, max ${Math.round(times[RUNS - 1])}`);
