// What the page costs before its first picture, which is the first frame that shows a machine: bytes by file of all that it
// has asked for until then, in English and in Chinese, and milliseconds from navigation, in headless Chromium. What it
// fetches behind the picture is counted apart. Then when the lesson's text and the picture are there on a slow network.
// `./dev bench` prints it; RESULTS.md keeps it.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { open, startShared, stopShared } from '../browser/harness.mjs';

const RUNS = 7;
const SLOW_RUNS = 3;
const SLOW = { kbits: 400, latency: 150 };  // each way of a request and its answer together, in ms
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

// Runs in the page before its own scripts: when the lesson's text, the first picture and everything was there.
function watch() {
  window.__seen = {};
  const there = {
    text: () => document.querySelector('#lesson-notes')?.textContent.length > 40,
    picture: () => document.documentElement.dataset.ready === '1',
    loaded: () => document.documentElement.dataset.loaded === '1',
  };
  new MutationObserver(() => {
    for (const [name, seen] of Object.entries(there)) if (document.documentElement && seen()) window.__seen[name] ??= performance.now();
  }).observe(document, { subtree: true, attributes: true, childList: true, attributeFilter: ['data-ready', 'data-loaded'] });
}

// One visit in a fresh profile: { seen, requested, until }: until are the files that were asked for before the picture.
async function visit(locale, prepare = () => {}) {
  const requested = new Set();
  const opened = await open({
    locale, motion: 'no-preference', ready: false,
    prepare: async (page) => {
      page.on('request', (request) => requested.add(fileOf(request.url())));
      await page.addInitScript(watch);
      await prepare(page);
    },
  });
  await opened.page.waitForFunction(() => window.__seen.loaded, undefined, { timeout: 120_000 });
  const { seen, before } = await opened.page.evaluate(() => {
    const before = performance.getEntriesByType('resource').filter((entry) => entry.startTime <= window.__seen.picture);
    return { seen: window.__seen, before: [location.href, ...before.map((entry) => entry.name)] };
  });
  await opened.close();
  return { seen, requested, until: before.map(fileOf) };
}

function table(title, files) {
  const rows = files.map(sizes).sort((a, b) => b.brotli - a.brotli);
  row(title, 'raw', 'gzip -9', 'brotli 11');
  for (const file of rows) row(file.path, file.raw, file.gzip, file.brotli);
  const sum = (key) => rows.reduce((total, file) => total + file[key], 0);
  row('all', sum('raw'), sum('gzip'), sum('brotli'));
  console.log();
}

const sorted = (visits, name) => visits.map(({ seen }) => Math.round(seen[name])).sort((a, b) => a - b);

for (const [language, locale] of [['English', 'en-US'], ['Chinese', 'zh-CN']]) {
  const visits = [];
  for (let run = 0; run < RUNS; run += 1) visits.push(await visit(locale));
  const requested = new Set(visits.flatMap((one) => [...one.requested]));
  const isBehind = (file) => visits.every(({ until }) => !until.includes(file));
  table(`until the first picture in ${language}, bytes`, [...requested].filter((file) => !isBehind(file)));
  table('behind the first picture, bytes', [...requested].filter(isBehind));
  const times = sorted(visits, 'picture');
  console.log(`navigation to first picture in ${language}, ms, ${RUNS} runs in fresh profiles: ` +
    `min ${times[0]}, median ${times[RUNS >> 1]}, max ${times[RUNS - 1]}\n`);
}

const slow = async (page) => {
  const session = await page.devtools();
  await session.send('Network.enable');
  const throughput = SLOW.kbits * 1000 / 8;
  await session.send('Network.emulateNetworkConditions',
    { offline: false, latency: SLOW.latency, downloadThroughput: throughput, uploadThroughput: throughput });
};
for (const [language, locale] of [['English', 'en-US'], ['Chinese', 'zh-CN']]) {
  const visits = [];
  for (let run = 0; run < SLOW_RUNS; run += 1) visits.push(await visit(locale, slow));
  const [text, picture] = ['text', 'picture'].map((name) => sorted(visits, name)[SLOW_RUNS >> 1]);
  console.log(`at ${SLOW.kbits} kbit/s and ${SLOW.latency} ms in ${language}, median of ${SLOW_RUNS} runs: text ${text} ms, picture ${picture} ms`);
}
await stopShared();
