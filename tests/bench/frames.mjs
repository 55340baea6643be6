// What a frame of the canvas costs: milliseconds that the main thread spends in the animation callback, in headless
// Chromium, on a machine of 64 GiB. Drawing by the graphics card (here by SwiftShader) comes on top, elsewhere.
// `./dev bench` prints it; RESULTS.md keeps it.
import { open, stopShared, waitAtRest } from '../browser/harness.mjs';

const FRAMES = 60;
const SCENARIO = {
  format: 'mmscope/1',
  title: 'Frames',
  machine: {
    profile: { name: 'large', arch: 'x86_64', kernel: '6.12', memory: '64GiB', cpus: 16, nodes: 2 },
  },
  steps: [{ random: { count: 20000, seed: 5 } }],
};

const opened = await open({
  viewport: { width: 1440, height: 900 },
  prepare: (page) => page.addInitScript(() => {
    window.__frames = [];
    const request = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) => request((time) => {
      const begin = performance.now();
      callback(time);
      window.__frames.push(performance.now() - begin);
    });
  }),
});
const { page, canvas } = opened;

async function measured(label, act) {
  await waitAtRest(page);
  await page.evaluate(() => { window.__frames.length = 0; });
  while ((await page.evaluate(() => window.__frames.length)) < FRAMES) await act();
  const times = (await page.evaluate(() => window.__frames)).sort((a, b) => a - b);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(1).padStart(9);
  console.log(`${label.padEnd(44)} ${at(0.5)} ${at(0.95)} ${at(1)}`);
}

const view = async (id) => {
  await page.click(`#view-tabs [data-id="${id}"]`);
  await waitAtRest(page);
};

let turn = 0;
const box = await canvas.boundingBox();
const point = () => {
  turn += 1;
  return page.mouse.move(box.x + box.width / 2 + (turn % 2) * 40, box.y + box.height / 2);
};
const wheel = (delta) => async () => {
  await page.mouse.wheel(0, delta);
  await page.waitForTimeout(30);
};
const step = () => page.keyboard.press('Shift+ArrowRight');  // one op of the run

await page.setInputFiles('#file', {
  name: 'frames.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(SCENARIO)),
});
await page.waitForFunction(() => document.querySelector('#title').textContent === 'Frames');
await page.fill('#goto', '1.15000');
await page.press('#goto', 'Enter');
await page.evaluate(() => document.activeElement.blur());

console.log(`${'frame on the main thread, ms'.padEnd(44)} ${'median'.padStart(9)} ${'95 %'.padStart(9)} ${'longest'.padStart(9)}`);
await view('map');
await measured('map, all: pointer moves', point);
await measured('map, all: steps', step);
await point();
await measured('map: zooms in', wheel(-60));
await measured('map, near: pointer moves', point);
await measured('map, near: steps', step);
await point();
await measured('map: zooms out', wheel(60));
for (const id of ['free-lists', 'zones', 'pcp']) {
  await view(id);
  await measured(`${id}: pointer moves`, point);
  await measured(`${id}: steps`, step);
}
await opened.close();
await stopShared();
