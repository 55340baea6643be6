// From a function's name to its place in the kernel's sources.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withPage } from './harness.mjs';
import { wholePage } from './whole-page.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const table = JSON.parse(readFileSync(join(ROOT, 'web/kernel-sources.json'), 'utf8'));
const SITE = 'https://elixir.bootlin.com/linux';
const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const box = (page) => page.locator('dialog.place[open]');

// The table's places of a function for an architecture, as links.
function links(name, series, architecture) {
  const mine = 1 << table.architectures.indexOf(architecture);
  return table.functions[name][series].filter(([, , , archs = 7]) => archs & mine)
    .map(([file, first]) => `${SITE}/${table.kernels[series]}/source/${table.files[file]}#L${first}`);
}
const hrefs = (page, row) => row.locator('a').evaluateAll((all) => all.map((a) => a.href));

// Requests that the page makes, from now on.
function requests(page) {
  const seen = [];
  page.on('request', (request) => seen.push(request.url()));
  return seen;
}

for (const [language, locale, mine] of [['en', 'en-US', 'this machine'], ['zh', 'zh-CN', '本机']]) {
  test(`the why line's function leads to file and lines of this kernel and the others (${language})`, withPage({ query: '#s=02-buddy&step=2&event=2', locale }, async ({ page }) => {
    const seen = requests(page);
    await loaded(page);
    const button = page.locator('#why button.fn');
    const name = await button.textContent();
    await button.focus();
    await page.keyboard.press('Enter');
    await box(page).locator('dl').waitFor();
    assert.equal(await box(page).locator('h2').textContent(), `${name}()`);
    const rows = box(page).locator('.place-rows > div');
    assert.match(await rows.first().locator('dt').textContent(), new RegExp(`^Linux 6\\.1 ${mine}$`));
    assert.equal(await rows.count(), 3);
    assert.deepEqual(await hrefs(page, rows.first()), links(name, '6.1', 'arm64'));
    for (const link of await box(page).locator('a').all()) {
      assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
      assert.equal(await link.getAttribute('target'), '_blank');
    }
    assert.ok(seen.some((url) => url.endsWith('/kernel-sources.json')));
    assert.deepEqual(seen.filter((url) => !url.startsWith(new URL('.', page.url()).href)), [], 'nothing is asked of another site');

    assert.ok(await box(page).evaluate((element) => element.contains(document.activeElement)));
    await page.keyboard.press('ArrowRight');  // steps nowhere
    assert.match(page.url(), /at=3\.1\.2/);
    await page.keyboard.press('Escape');
    assert.equal(await box(page).count(), 0);
    assert.ok(await button.evaluate((element) => element === document.activeElement), 'the focus is back');
  }));
}

test('the table is not fetched before a name is pressed, and once', withPage({ query: '#s=02-buddy&step=2&event=2' }, async ({ page }) => {
  const seen = requests(page);
  const fetched = () => seen.filter((url) => url.endsWith('/kernel-sources.json')).length;
  await loaded(page);
  await page.waitForNetworkIdle();
  assert.equal(fetched(), 0);
  for (let i = 0; i < 2; ++i) {
    await page.click('#why button.fn');
    await box(page).locator('dl').waitFor();
    await page.click('.place-close');
  }
  assert.equal(fetched(), 1);
}));

test('a name in the list of events opens its place and does not go there', withPage({ query: '#s=02-buddy&step=2&event=1' }, async ({ page }) => {
  await loaded(page);
  const cursor = () => page.evaluate(async () => { const { app } = await import(new URL('js/main.js', location.href)); return [app.state.op, app.state.event]; });
  const at = await cursor();
  const other = page.locator('.event button.fn').nth(2);
  const name = await other.textContent();
  await other.click();
  await box(page).locator('dl').waitFor();
  assert.equal(await box(page).locator('h2').textContent(), `${name}()`);
  assert.deepEqual(await cursor(), at);

  // Its callers have places, too.
  const caller = box(page).locator('.place-path button').first();
  const above = await caller.textContent();
  await caller.click();
  await page.waitForFunction((text) => document.querySelector('dialog.place h2').textContent === `${text}()`, above);
  assert.ok(await box(page).evaluate((element) => element.contains(document.activeElement)));

  // A press anywhere else closes it, and so does a step.
  await page.click('#lesson-notes');
  assert.equal(await box(page).count(), 0);
  await other.click();
  await box(page).locator('dl').waitFor();
  await page.click('#go-next');
  assert.equal(await box(page).count(), 0);
}));

test('where the rule stands in another function, that has its place, too', withPage({ query: '#s=02-buddy&step=2&event=2' }, async ({ page }) => {
  await loaded(page);
  await page.click('#why button.fn');
  await box(page).locator('dl').waitFor();
  assert.equal(await box(page).locator('h2').textContent(), 'get_page_from_freelist()');
  await box(page).locator('button.ref', { hasText: '__zone_watermark_ok' }).click();
  await page.waitForFunction(() => document.querySelector('dialog.place h2').textContent === '__zone_watermark_ok()');
  assert.deepEqual(await hrefs(page, box(page).locator('.place-rows > div').first()), links('__zone_watermark_ok', '6.1', 'arm64'));
}));

test('a link opens the release that the lines are from, in a tab of its own', withPage({ query: '#s=02-buddy&step=2&event=2' }, async ({ page }) => {
  await loaded(page);
  await page.click('#why button.fn');
  const link = box(page).locator('a').first();
  assert.equal(await link.getAttribute('href'), links(await page.locator('#why button.fn').textContent(), '6.1', 'arm64')[0]);
  // The same link, to a page that can be reached here.
  const near = await link.evaluate((a) => { a.href = new URL('build.json', location.href).href; return a.href; });
  const tab = await page.context().opened(() => link.click());
  await tab.waitForFunction((url) => location.href === url, near);
  assert.equal(await tab.evaluate(() => window.opener), null);
}));

for (const viewport of [{ width: 390, height: 844 }, { width: 480, height: 320 }, { width: 320, height: 256 }]) {
  test(`the box fits a page of ${viewport.width}×${viewport.height}`, withPage({ query: '#s=22-slab-array-cache&step=3&event=1', viewport, touch: true }, async ({ page }) => {
    await wholePage(page);
    await page.tap('#why button.fn');
    await box(page).locator('dl').waitFor();
    const { left, top, right, bottom } = await box(page).evaluate((element) => element.getBoundingClientRect().toJSON());
    assert.ok(left >= 0 && top >= 0 && right <= viewport.width && bottom <= viewport.height, JSON.stringify({ left, top, right, bottom }));
    assert.equal(await box(page).evaluate((element) => element.scrollWidth > element.clientWidth), false);
  }));
}

test('a table that cannot be read is said, and asked for again', withPage({ query: '#s=02-buddy&step=2&event=2' }, async ({ page }) => {
  await loaded(page);
  await page.route('**/kernel-sources.json', (route) => route.fulfill({ body: '<html>' }));
  await page.click('#why button.fn');
  await box(page).locator('.error').waitFor();
  await page.click('.place-close');
  await page.unroute('**/kernel-sources.json');
  await page.click('#why button.fn');
  await box(page).locator('dl').waitFor();
}));
