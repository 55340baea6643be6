// The view of the PKMAP as a person uses it: counts and entries in both languages, an entry to its frame, and machines without one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clickInCanvas, linkOf, pixelsOf, waitAtRest, withPage } from './harness.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const describe = (page) => page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.engine.describe().view);

// After kmap(), after a second one, and after as many kunmap().
for (const [step, count, language, locale] of [[4, 2, 'en', 'en-US'], [5, 3, 'zh', 'zh-CN'], [7, 1, 'en', 'en-US']]) {
  test(`PKMAP in ${language} after ${step} steps: entry 1 has the count ${count}`, withPage({ query: `#s=38-kmap&step=${step}`, locale }, async ({ page, canvas }) => {
    await loaded(page);
    await waitAtRest(page);
    assert.equal(await page.locator('#tab-pkmap').getAttribute('aria-selected'), 'true');
    const view = await describe(page);
    assert.equal(view.highmem, true);
    assert.equal(view.nr_slots, 1024);
    assert.equal(view.last_pkmap_nr, 1);
    assert.deepEqual(view.entries.map((entry) => [entry.slot, entry.count]), [[1, count]]);
    assert.ok((await pixelsOf(page, canvas)).colours > 8);
  }));
}

test('pressing an entry selects its frame', withPage({ query: '#s=38-kmap&step=4' }, async ({ page, canvas }) => {
  await loaded(page);
  await waitAtRest(page);
  const [entry] = (await describe(page)).entries;
  // Entry 1 is the second cell of the first row.
  for (let y = 60; y < 260 && !/sel=pfn/.test(await linkOf(page)); y += 8) {
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
