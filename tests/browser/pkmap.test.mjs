// The view of the PKMAP as a person uses it: counts and entries in both languages, an entry to its frame, and machines without one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clickInCanvas, pixelsOf, waitAtRest, withPage } from './harness.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const describe = (page) => page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.engine.describe().view);

for (const [language, locale] of [['en', 'en-US'], ['zh', 'zh-CN']]) {
  test(`PKMAP in ${language}: an entry with its count, and what stays when nobody uses it`, withPage({ query: '#s=38-kmap&step=4', locale }, async ({ page, canvas }) => {
    await loaded(page);
    await waitAtRest(page);
    assert.equal(await page.locator('#tab-pkmap').getAttribute('aria-selected'), 'true');
    const before = await describe(page);
    assert.equal(before.highmem, true);
    assert.equal(before.nr_slots, 1024);
    assert.equal(before.last_pkmap_nr, 1);
    assert.deepEqual(before.entries.map(({ slot, count }) => [slot, count]), [[1, 2]]);
    assert.ok((await pixelsOf(page, canvas)).colours > 8);

    await page.click('#go-next');
    await waitAtRest(page);
    assert.deepEqual((await describe(page)).entries.map(({ count }) => count), [3]);
    await page.click('#go-next');
    await waitAtRest(page);
    assert.deepEqual((await describe(page)).entries.map(({ count }) => count), [1]);
  }));
}

test('pressing an entry selects its frame', withPage({ query: '#s=38-kmap&step=4' }, async ({ page, canvas }) => {
  await loaded(page);
  await waitAtRest(page);
  const [entry] = (await describe(page)).entries;
  // Entry 1 is the second cell of the first row.
  for (let y = 60; y < 260 && !(await page.evaluate(() => location.hash)).includes('sel=pfn'); y += 8) {
    await clickInCanvas(page, canvas, 12 + 19 + 9, y);
    await waitAtRest(page);
  }
  const frame = entry.frame.slice(2);
  await page.waitForFunction((pfn) => location.hash.includes(`sel=pfn%3A${pfn}`) || location.hash.includes(`sel=pfn:${pfn}`), frame);
}));

test('a machine without high memory says so', withPage({ query: '#s=30-vmalloc&step=1&view=pkmap' }, async ({ page }) => {
  await loaded(page);
  await waitAtRest(page);
  assert.deepEqual(await describe(page), { highmem: false });
}));
