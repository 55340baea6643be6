// The picture as an SVG file: it is one by the browser's own reading, it looks as the canvas does, and making it changes
// nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openView, pixelsOf, waitAtRest, withPage } from './harness.mjs';

const ELEMENTS = ['circle', 'clipPath', 'defs', 'desc', 'g', 'line', 'path', 'pattern', 'rect', 'svg', 'text', 'title'];
const BLOCK = 8;         // pixels along a side whose mean colours are compared: letters of another font pass
const APART = 56;        // of 255: two means that differ by more are not the same
const MOST_APART = 0.04; // of all blocks

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const svgOf = (page, link = '') => page.evaluate(async (text) => {
  const { app } = await import(new URL('js/main.js', location.href));
  return app.engine.exportSvg(text);
}, link);

// What the browser's reader makes of it.
const read = (page, svg) => page.evaluate((text) => {
  const file = new DOMParser().parseFromString(text, 'image/svg+xml');
  const all = [...file.querySelectorAll('*')];
  const told = (name) => file.querySelector(name)?.textContent ?? null;
  return {
    broken: file.querySelector('parsererror')?.textContent ?? null,
    names: [...new Set(all.map((element) => element.localName))].sort(),
    spaces: [...new Set(all.map((element) => element.namespaceURI))],
    attributes: [...new Set(all.flatMap((element) => element.getAttributeNames()))],
    size: [file.documentElement.getAttribute('width'), file.documentElement.getAttribute('height')].map(Number),
    texts: [...file.querySelectorAll('text')].map((element) => element.textContent),
    title: told('title'),
    description: told('desc'),
  };
}, svg);

// Mean colours of the blocks of the file as the browser draws it.
const drawnBlocks = (page, svg, width, height) => page.evaluate(async ([text, w, h, block]) => {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const context = new OffscreenCanvas(w, h).getContext('2d');
  context.drawImage(image, 0, 0, w, h);
  const { data } = context.getImageData(0, 0, w, h);
  const means = [];
  for (let y = 0; y + block <= h; y += block) {
    for (let x = 0; x + block <= w; x += block) {
      const sum = [0, 0, 0];
      for (let dy = 0; dy < block; ++dy)
        for (let dx = 0; dx < block; ++dx)
          for (let i = 0; i < 3; ++i) sum[i] += data[((y + dy) * w + x + dx) * 4 + i];
      means.push(sum.map((one) => one / block ** 2));
    }
  }
  return means;
}, [svg, width, height, BLOCK]);

function blocksOf(pixels) {
  const means = [];
  for (let y = 0; y + BLOCK <= pixels.height; y += BLOCK) {
    for (let x = 0; x + BLOCK <= pixels.width; x += BLOCK) {
      const sum = [0, 0, 0];
      for (let dy = 0; dy < BLOCK; ++dy)
        for (let dx = 0; dx < BLOCK; ++dx)
          pixels.at(x + dx, y + dy).slice(0, 3).forEach((one, i) => { sum[i] += one; });
      means.push(sum.map((one) => one / BLOCK ** 2));
    }
  }
  return means;
}

const partApart = (some, others) =>
  some.filter((mean, i) => mean.some((one, c) => Math.abs(one - others[i][c]) > APART)).length / some.length;

test('the browser reads it, and finds nothing in it that runs or is fetched', withPage({ query: '#s=02-buddy&at=3&view=free-lists' }, async ({ page }) => {
  await loaded(page);
  await waitAtRest(page);
  const link = 'https://example.org/?a=1&b=<script>#s=02-buddy';
  const svg = await svgOf(page, link);
  const file = await read(page, svg);
  assert.equal(file.broken, null);
  assert.deepEqual(file.names.filter((name) => !ELEMENTS.includes(name)), []);
  assert.deepEqual(file.spaces, ['http://www.w3.org/2000/svg']);
  assert.deepEqual(file.attributes.filter((name) => /^on|href|style/i.test(name)), []);
  assert.doesNotMatch(svg, /data:|javascript:|<!|<\?/);
  assert.ok(file.description.endsWith(link), file.description);
  assert.match(file.description, /Step 3 of \d+\. View: Free lists\./);
  assert.equal(file.title, await page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.scenario.title));
  const box = await page.locator('#canvas').boundingBox();
  assert.ok(Math.abs(file.size[0] - box.width) <= 1 && Math.abs(file.size[1] - box.height) <= 1, `${file.size}`);
  assert.ok(file.texts.some((text) => /^0x[0-9a-f]+$/.test(text)), 'page frame numbers are text');
}));

for (const theme of ['light', 'dark']) {
  test(`each view looks as on the canvas, ${theme}`, withPage({ query: '#s=02-buddy&at=3', theme }, async ({ page }) => {
    await loaded(page);
    const views = await page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.hello.views.map(({ id }) => id));
    for (const view of views) {
      await openView(page, view);
      await page.mouse.move(2, 2);  // nothing is hovered in the picture
      await waitAtRest(page);
      const pixels = await pixelsOf(page, page.locator('#canvas'));
      const canvas = blocksOf(pixels);
      const drawn = await drawnBlocks(page, await svgOf(page), pixels.width, pixels.height);
      const apart = partApart(canvas, drawn);
      assert.ok(apart <= MOST_APART, `${view}: ${(apart * 100).toFixed(1)} % of the picture differs`);
      if (view !== 'map') continue;
      const looks = new Set(canvas.map(String)).size;
      assert.ok(looks > 20, `what is compared is no empty paper: ${looks} different blocks`);
    }
  }));
}

test('making it twice gives the same, and the canvas and the page stay as they are', withPage({ query: '#s=02-buddy&at=3&view=map' }, async ({ page, canvas }) => {
  await loaded(page);
  await waitAtRest(page);
  const state = () => page.evaluate(async () => {
    const { select, view, look, at } = (await import(new URL('js/main.js', location.href))).app.state;
    return JSON.stringify([select, view, look, at]);
  });
  const before = await state();
  const pixels = blocksOf(await pixelsOf(page, canvas));
  assert.equal(await svgOf(page), await svgOf(page));
  await waitAtRest(page);
  assert.equal(await state(), before);
  assert.equal(partApart(pixels, blocksOf(await pixelsOf(page, canvas))), 0);
}));

test('what somebody has written is text in it', withPage({ query: '' }, async ({ page }) => {
  await loaded(page);
  const scenario = JSON.stringify({ format: 'mmscope/1', title: '</title><script>alert(1)</script>& "\'',
    machine: { profile: { memory: '64MiB', kernel: '6.1', arch: 'arm64' } },
    steps: [{ op: 'alloc_page', as: 'a' }] });
  await page.evaluate(async (text) => (await import(new URL('js/main.js', location.href))).app.openOwn(text), scenario);
  await waitAtRest(page);
  const file = await read(page, await svgOf(page));
  assert.equal(file.broken, null);
  assert.ok(!file.names.includes('script'));
  assert.ok(file.title.startsWith('</title><script>alert(1)</script>&'), file.title);
}));
