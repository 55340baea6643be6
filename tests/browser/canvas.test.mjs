// The canvas itself: it draws, it fits its box, it rests, and it comes back after the graphics driver was lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSamePicture, framesDuring, pixelsOf, waitAtRest, withPage } from './harness.mjs';

test('the canvas draws and the console stays clean', withPage({}, async ({ page, canvas }) => {
  const pixels = await pixelsOf(page, canvas);
  assert.ok(pixels.colours > 8, `${pixels.colours} different colours`);
}));

test('at rest no animation callback runs', withPage({}, async ({ page }) => {
  await page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
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

for (const [locale, said, view] of [['en-US', /graphics memory/, 'free-lists'], ['zh-CN', /显存/, 'map']]) {
  test(`a lost WebGL context is told; when it returns, the same picture does: ${view}`,
    withPage({ locale, query: `#s=02-buddy&step=3&view=${view}` }, async ({ page, canvas }) => {
      const loseContext = () => canvas.evaluate((element) => new Promise((done) => {
        window.__gl = element.getContext('webgl2').getExtension('WEBGL_lose_context');
        element.addEventListener('webglcontextlost', done, { once: true });
        window.__gl.loseContext();
      }));
      await page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
      for (let times = 0; times < 2; ++times) {
        await waitAtRest(page);
        const before = await pixelsOf(page, canvas);
        await loseContext();
        await page.locator('#lost').waitFor();
        assert.match(await page.locator('#lost').innerText(), said);
        assert.ok(await page.locator('#lost-reload').isVisible());
        const step = await page.locator('#goto').inputValue();
        await page.click('#go-next');
        assert.notEqual(await page.locator('#goto').inputValue(), step, 'steps go on without the picture');
        await page.click('#go-back');
        assert.equal(await page.locator('#goto').inputValue(), step);
        await waitAtRest(page);
        await canvas.evaluate(() => { window.__gl.restoreContext(); });
        await page.locator('#lost').waitFor({ state: 'hidden' });
        await waitAtRest(page);
        assertSamePicture(await pixelsOf(page, canvas), before);
      }
    }));
}
