// Where there is little room: what is to be read can be read, and what is to be pressed is there whole.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness.mjs';
import { wholePage } from './whole-page.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');

for (const [width, height] of [[640, 400], [600, 500], [480, 320], [320, 568], [390, 520], [844, 390]]) {
  for (const locale of ['en-US', 'zh-CN']) {
    const query = '#s=12-slub-paths&step=4';
    test(`at ${width} × ${height} the panel, the why line and the controls have room, ${locale}`, withPage(
      { query, locale, viewport: { width, height } }, async ({ page }) => {
        await wholePage(page);
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
        for (const button of await page.locator('.controls button, #help', { visible: true }).all()) {
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
        assert.ok(await page.locator('.controls').hasNamed('button', locale === 'en-US' ? 'next' : '下一步'));
      }));
  }
}

for (const [width, height] of [[460, 320], [480, 320], [560, 380], [600, 320], [640, 400]]) {
  for (const locale of ['en-US', 'zh-CN']) {
    test(`on a telephone of ${width} × ${height} a million steps fit into the width, ${locale}`, withPage(
      { query: '#s=12-slub-paths&step=4', locale, viewport: { width, height }, touch: true, mobile: true }, async ({ page }) => {
        await wholePage(page);
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
        const tops = await page.locator('#panel-tabs button', { visible: true }).evaluateAll((all) => all.map((b) => b.getBoundingClientRect().top));
        assert.equal(tops.length, 5);
        assert.equal(new Set(tops).size, 1, `${tops}`);
      }));
  }
}

const WITHOUT_NOTES = {
  format: 'mmscope/1',
  title: 'Mine',
  machine: { profile: { name: 'small', arch: 'x86_64', kernel: '6.1', memory: '64MiB', cpus: 1 } },
  steps: [{ op: 'alloc_page', as: 'a' }],
};
const own = (page, scenario) => page.evaluate(async (text) => {
  const { app } = await import(new URL('js/main.js', location.href));
  if (await app.loadText('own', text) !== null) throw new Error('refused');
}, JSON.stringify(scenario));
const box = (page, selector) => page.locator(selector).first().evaluate((element) => element.getBoundingClientRect().toJSON());

for (const [theme, locale] of [['light', 'en-US'], ['dark', 'zh-CN']]) {
  test(`the closed list of lessons is a bar as high as the tabs, and the steps begin right below it, ${locale}`, withPage(
    { query: '#s=02-buddy&step=1', locale, theme, viewport: { width: 1280, height: 800 } }, async ({ page }) => {
      await loaded(page);
      assert.equal(await page.locator('#gallery-fold').getAttribute('open'), null);
      const lessons = await box(page, '#lessons');
      const tabs = await box(page, '#panel-tabs');
      assert.equal(lessons.top, tabs.top);
      assert.ok(Math.abs(lessons.bottom - tabs.bottom) <= 0.5, `${lessons.bottom}, ${tabs.bottom}: Firefox has half a pixel more`);
      const summary = await box(page, '#lessons summary');
      assert.ok(lessons.bottom - summary.bottom <= 1, 'nothing is empty in it');
      const gap = async (selector) => (await box(page, selector)).top - (await box(page, '#lessons')).bottom;
      await page.locator('#steps').evaluate((steps) => steps.scrollTo(0, 0)); // the panel has gone to the step
      assert.equal(await gap('#lesson-notes p:not(.machine-line)'), 10);
      await own(page, WITHOUT_NOTES);
      assert.equal(await gap('#ops'), 0, 'without notes there is no strip for them');
      await own(page, { ...WITHOUT_NOTES, steps: [] });
      assert.match(await page.locator('#steps').innerText(), /^(This scenario has no steps\.|这个场景没有步骤。)$/);
    }));
}

test('where one panel is seen at a time the lessons cannot be closed', withPage(
  { query: '#s=02-buddy&step=1', viewport: { width: 1280, height: 800 } }, async ({ page }) => {
    await loaded(page);
    assert.ok(await page.locator('#gallery').isHidden());
    await page.setViewportSize({ width: 900, height: 700 });
    await page.click('#tab-lessons');
    await page.locator('#gallery [aria-current]').waitFor();
    assert.ok(await page.locator('#lessons summary').isHidden(), 'its tab says it');
    await own(page, WITHOUT_NOTES);
    await page.click('#tab-steps');
    assert.match(await page.locator('#lesson-notes').innerText(), /x86_64/, 'the machine, which is not in the header');
  }));
