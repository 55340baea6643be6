// What the page costs before its first picture, which is the first frame that shows a machine: bytes by file of all that it
// has asked for until then, in English and in Chinese, and milliseconds from navigation, in headless Chromium. What it
// fetches behind the picture is counted apart. Then when the lesson's text and the picture are there on a slow network.
// `./dev bench` prints it; RESULTS.md keeps it.
import { byPicture, sizes, visit } from '../browser/first-load.mjs';
import { stopShared } from '../browser/harness.mjs';
import { FIRST_LOAD } from './limits.mjs';

const RUNS = 7;
const SLOW_RUNS = 3;
const SLOW = { kbits: 400, latency: 150 };  // each way of a request and its answer together, in ms

const row = (name, raw, gzip, brotli) =>
  console.log(`${name.padEnd(44)} ${String(raw).padStart(10)} ${String(gzip).padStart(10)} ${String(brotli).padStart(10)}`);

function table(title, files) {
  const rows = files.map(sizes).sort((a, b) => b.brotli - a.brotli);
  row(title, 'raw', 'gzip -9', 'brotli 11');
  for (const file of rows) row(file.path, file.raw, file.gzip, file.brotli);
  const sum = (key) => rows.reduce((total, file) => total + file[key], 0);
  row('all', sum('raw'), sum('gzip'), sum('brotli'));
  console.log();
}

const sorted = (visits, name) => visits.map(({ seen }) => Math.round(seen[name])).sort((a, b) => a - b);

for (const { language, locale } of FIRST_LOAD) {
  const visits = [];
  for (let run = 0; run < RUNS; run += 1) visits.push(await visit(locale));
  const { until, behind } = byPicture(visits);
  table(`until the first picture in ${language}, bytes`, until);
  table('behind the first picture, bytes', behind);
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
for (const { language, locale } of FIRST_LOAD) {
  const visits = [];
  for (let run = 0; run < SLOW_RUNS; run += 1) visits.push(await visit(locale, slow));
  const [text, picture] = ['text', 'picture'].map((name) => sorted(visits, name)[SLOW_RUNS >> 1]);
  console.log(`at ${SLOW.kbits} kbit/s and ${SLOW.latency} ms in ${language}, median of ${SLOW_RUNS} runs: text ${text} ms, picture ${picture} ms`);
}
await stopShared();
