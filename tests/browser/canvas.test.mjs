// The canvas itself: it draws, it fits its box, it rests, and it comes back after the graphics driver was lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framesDuring, pixelsOf, waitAtRest, withPage } from './harness.mjs';

test('the canvas draws and the console stays clean', withPage({}, async ({ page, canvas }) => {
  const pixels = await pixelsOf(page, canvas);
  assert.ok(pixels.colours > 8, `${pixels.colours} different colours`);
}));

test('at rest no animation callback runs', withPage({}, async ({ page }) => {
  await waitAtRest(page);
  assert.equal(await framesDuring(page, 1500), 0);
}));

test('a moving mouse is answered with frames, and then it rests again', withPage({}, async ({ page, canvas }) => {
  await waitAtRest(page);
  const box = await canvas.boundingBox();
  const before = await page.evaluate(() => window.__watch.frames);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
  await page.waitForFunction((count) => window.__watch.frames > count, before);
  await page.mouse.move(0, 0);
  await waitAtRest(page);
}));

for (const density of [1, 1.5, 3]) {
  test(`at density ${density} a canvas pixel is a device pixel`, withPage({ density }, async ({ page, canvas }) => {
    const expected = () => canvas.evaluate((element) => {
      const box = element.getBoundingClientRect();
      return [element.width, element.height, box.width * devicePixelRatio, box.height * devicePixelRatio];
    });
    const fits = async () => {
      const [width, height, boxWidth, boxHeight] = await expected();
      assert.ok(Math.abs(width - boxWidth) <= 1 && Math.abs(height - boxHeight) <= 1,
        `${width} × ${height} in a box of ${boxWidth} × ${boxHeight}`);
    };
    await waitAtRest(page);
    await fits();
    await page.setViewportSize({ width: 900, height: 700 });
    await waitAtRest(page);
    await fits();
    assert.ok((await pixelsOf(page, canvas)).colours > 8, 'it is drawn after a resize');
  }));
}

test('the canvas lets Tab and shortcuts through', withPage({}, async ({ page, canvas }) => {
  await canvas.focus();
  await page.keyboard.press('Tab');
  assert.notEqual(await page.evaluate(() => document.activeElement.id), 'canvas');
}));

test('a lost WebGL context is restored and drawn again', withPage({}, async ({ page, canvas }) => {
  await waitAtRest(page);
  await canvas.evaluate(async (element) => {
    const extension = element.getContext('webgl2').getExtension('WEBGL_lose_context');
    const seen = (name) => new Promise((done) => element.addEventListener(name, done, { once: true }));
    const lost = seen('webglcontextlost');
    extension.loseContext();
    await lost;
    const restored = seen('webglcontextrestored');
    setTimeout(() => extension.restoreContext(), 50);
    await restored;
  });
  await waitAtRest(page);
  assert.ok((await pixelsOf(page, canvas)).colours > 8);
}));
