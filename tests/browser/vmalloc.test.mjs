// The view of vmalloc as a person uses it: three areas, a page to its frame in the map, /proc/vmallocinfo, in both languages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clickInCanvas, linkOf, pixelsOf, waitAtRest, withPage } from './harness.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const describe = (page) => page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.engine.describe().view);
const text = (page, selector) => page.locator(selector).innerText();

for (const [language, locale] of [['en', 'en-US'], ['zh', 'zh-CN']]) {
  test(`vmalloc in ${language}: areas by address, a page to its frame, what waits for the purge`, withPage({ query: '#s=30-vmalloc&step=3', locale }, async ({ page, canvas }) => {
    await loaded(page);
    await waitAtRest(page);
    assert.equal(await page.locator('#tab-vmalloc').getAttribute('aria-selected'), 'true');
    const before = await describe(page);
    // 10,000 bytes are three pages and a guard page; one byte is a page and a guard page.
    assert.deepEqual(before.areas.slice(0, 2).map(({ start, end, state, requested }) => [start, end, state, requested]), [
      ['0xffff800008000000', '0xffff800008004000', 'busy', 10000],
      ['0xffff800008004000', '0xffff800008006000', 'busy', 1]]);
    assert.equal(before.areas[0].frames.length, 3);
    assert.ok((await pixelsOf(page, canvas)).colours > 8);

    await page.click('#go-next');
    await waitAtRest(page);
    const after = await describe(page);
    assert.deepEqual(after.areas.slice(0, 2).map(({ state }) => state), ['lazy', 'busy']);
    assert.equal(after.lazy_pages, 4);
    assert.equal(after.lazy_max_pages, 8192);
  }));
}

test('pressing a page of an area selects its frame', withPage({ query: '#s=30-vmalloc&step=1' }, async ({ page, canvas }) => {
  await loaded(page);
  await waitAtRest(page);
  const [first] = (await describe(page)).areas;
  for (let y = 60; y < 260 && !/sel=pfn/.test(await linkOf(page)); y += 12) {
    await clickInCanvas(page, canvas, 30, y);
    await waitAtRest(page);
  }
  const frame = first.frames[0].slice(2);
  await page.waitForFunction((pfn) => location.hash.includes(`sel=pfn%3A${pfn}`) || location.hash.includes(`sel=pfn:${pfn}`), frame);
}));

test('/proc/vmallocinfo lists areas, and lazily freed ones behind them', withPage({ query: '#s=30-vmalloc&step=4&panel=proc' }, async ({ page }) => {
  await loaded(page);
  await page.locator('#proc button', { hasText: /^vmallocinfo$/ }).click();
  assert.equal(await text(page, '#proc .path-name'), '/proc/vmallocinfo');
  const lines = (await text(page, '#proc pre')).trim().split('\n');
  // The five parts of the kernel's image stand 64 KiB behind the begin of the space.
  assert.deepEqual(lines.slice(1, 6).map((line) => / phys=0x00000000[0-9a-f]{8} vmap$/.test(line)), [true, true, true, true, true]);
  assert.ok(lines[1].startsWith('0xffff800008010000-'));
  assert.equal([lines[0], ...lines.slice(6)].join('\n'),
    '0xffff800008004000-0xffff800008006000    8192 pages=1 vmalloc N0=1\n0xffff800008000000-0xffff800008004000   16384 unpurged vm_area');
}));

for (const [language, locale] of [['en', 'en-US'], ['zh', 'zh-CN']]) {
  test(`the areas as trees in ${language}: chosen by a link, with the way of the search`, withPage({ query: '#s=30-vmalloc&step=1&look=trees', locale }, async ({ page, canvas }) => {
    await loaded(page);
    await waitAtRest(page);
    const view = await describe(page);
    assert.equal(view.shown, 'trees');
    assert.deepEqual(view.free_tree[0].at, [0, 0]);
    assert.equal(view.free_tree[0].colour, 'black');
    assert.ok(view.searched > 0);
    assert.ok(view.busy_tree.some(({ start }) => start === '0xffff800008000000'));
    assert.ok((await pixelsOf(page, canvas)).colours > 8);
  }));
}
