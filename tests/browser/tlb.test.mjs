// The view of TLBs as a person uses it: a fill, a hit, a set that is full, a stale entry, an entry to its address, and machines
// without one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clickInCanvas, linkOf, pixelsOf, waitAtRest, withPage } from './harness.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const describe = (page) => page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.engine.describe().view);

// The first access, the same page again, and a fifth page for a set of four ways.
for (const [step, entries, language, locale] of [
  [3, [['0x400000', 'filled']], 'en', 'en-US'],
  [4, [['0x400000', 'hit']], 'zh', 'zh-CN'],
  [8, [['0x410000', 'replaced'], ['0x404000', undefined], ['0x408000', undefined], ['0x40c000', undefined]], 'en', 'en-US'],
]) {
  test(`TLB in ${language} after ${step} steps`, withPage({ query: `#s=35-tlb-reach&step=${step}`, locale }, async ({ page, canvas }) => {
    await loaded(page);
    await waitAtRest(page);
    assert.equal(await page.locator('#tab-tlb').getAttribute('aria-selected'), 'true');
    const view = await describe(page);
    assert.deepEqual([view.tlb, view.size, view.sets, view.ways], [true, 16, 4, 4]);
    assert.deepEqual(view.cpus[0].entries.map(({ address, touch }) => [address, touch]), entries);
    assert.ok((await pixelsOf(page, canvas)).colours > 8);
  }));
}

test('an entry that was not invalidated is stale', withPage({ query: '#s=36-tlb-stale&step=11' }, async ({ page }) => {
  await loaded(page);
  await waitAtRest(page);
  const view = await describe(page);
  assert.deepEqual(view.cpus[1].entries.map(({ address, belief }) => [address, belief]), [['0x400000', 'more_rights']]);
}));

test('pressing an entry selects its address', withPage({ query: '#s=35-tlb-reach&step=4' }, async ({ page, canvas }) => {
  await loaded(page);
  await waitAtRest(page);
  // The first way stands beside the name of its set.
  for (let y = 80; y < 420 && !/sel=address/.test(await linkOf(page)); y += 8) {
    await clickInCanvas(page, canvas, 12 + 46 + 40, y);
    await waitAtRest(page);
  }
  await page.waitForFunction(() => /sel=address(%3A|:)400000/.test(location.hash));
}));

test('a machine without TLBs says so', withPage({ query: '#s=03-watermarks-x86&step=1&view=tlb' }, async ({ page }) => {
  await loaded(page);
  await waitAtRest(page);
  assert.deepEqual(await describe(page), { tlb: false });
}));
