// Where there is little room: what is to be read can be read, and what is to be pressed is there whole.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');

for (const [width, height] of [[640, 400], [600, 500], [480, 320], [320, 568], [390, 520], [844, 390]]) {
  for (const locale of ['en-US', 'zh-CN']) {
    const query = '#s=12-slub-paths&step=4';
    test(`at ${width} × ${height} the panel, the why line and the controls have room, ${locale}`, withPage(
      { query, locale, viewport: { width, height } }, async ({ page }) => {
        await loaded(page);
        for (const id of ['tab-lessons', 'tab-inspect', 'tab-steps']) {
          await page.click(`#${id}`);
          const box = await page.locator(`#${await page.locator(`#${id}`).getAttribute('aria-controls')}`).boundingBox();
          assert.ok(box.height >= 120 && box.y + box.height <= height, `${id}: ${JSON.stringify(box)}`);
        }
        const why = await page.locator('#why').evaluate((section) => {
          const text = document.querySelector('#why-text');
          const line = parseFloat(getComputedStyle(text).lineHeight);
          return { seen: section.getBoundingClientRect().bottom - text.getBoundingClientRect().top, line };
        });
        assert.ok(why.seen >= 2 * why.line, `${JSON.stringify(why)}: two lines`);
        const canvas = await page.locator('#canvas').boundingBox();
        assert.ok(canvas.height >= 85, `the picture is ${canvas.height} high`);
        for (const button of await page.locator('.controls button, #help').all()) {
          const { id, right, bottom, over } = await button.evaluate((b) => {
            const edge = b.getBoundingClientRect();
            const content = [...b.children].filter((c) => c.getBoundingClientRect().width > 1).map((c) => c.getBoundingClientRect());
            return { id: b.id, right: edge.right, bottom: edge.bottom,
              over: content.some((c) => c.left < edge.left || c.right > edge.right) };
          });
          assert.ok(right > 0 && right <= width && bottom <= height, `${id} is in sight`);
          assert.equal(over, false, `what stands in ${id} fits`);
        }
        assert.match(await page.locator('#go-next').getAttribute('title'), /→/);
        assert.ok(await page.getByRole('button', { name: locale === 'en-US' ? 'next' : '下一步', exact: true }).isVisible());
      }));
  }
}

for (const [width, height] of [[460, 320], [480, 320], [560, 380], [600, 320], [640, 400]]) {
  for (const locale of ['en-US', 'zh-CN']) {
    test(`on a telephone of ${width} × ${height} a million steps fit into the width, ${locale}`, withPage(
      { query: '#s=12-slub-paths&step=4', locale, viewport: { width, height }, touch: true, mobile: true }, async ({ page }) => {
        await loaded(page);
        const seen = await page.evaluate(() => {
          document.getElementById('goto').value = '1000000';
          document.getElementById('where-steps').textContent = '/ 1,000,000';
          const { left, right } = document.getElementById('where-steps').getBoundingClientRect();
          return { layout: window.innerWidth, content: document.documentElement.scrollWidth, left, right,
            input: document.getElementById('goto').getBoundingClientRect().right,
            entry: document.getElementById('goto').clientWidth };
        });
        assert.equal(seen.layout, width, JSON.stringify(seen));
        assert.equal(seen.content, width, JSON.stringify(seen));
        assert.ok(seen.right <= width && seen.left >= seen.input && seen.entry >= 40, JSON.stringify(seen));
      }));
  }
}

for (const width of [1100, 1280, 1440]) {
  for (const locale of ['en-US', 'zh-CN']) {
    test(`the tabs on the right stand in one row, ${width} px, ${locale}`, withPage(
      { locale, viewport: { width, height: 800 } }, async ({ page }) => {
        await loaded(page);
        await page.click('#tab-what');
        const tops = await page.locator('#panel-tabs button:visible').evaluateAll((all) => all.map((b) => b.getBoundingClientRect().top));
        assert.equal(tops.length, 5);
        assert.equal(new Set(tops).size, 1, `${tops}`);
      }));
  }
}
