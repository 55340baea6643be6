// The picture as a table: behind the picture for who hears the page, in its place for who asks for it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const rows = (page) => page.locator('#mirror tbody tr');
const select = (page) => page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.state.select);

test('behind the picture the table follows the steps, and Tab does not go through it', withPage(
  { query: '#s=02-buddy&view=zones' }, async ({ page }) => {
    await loaded(page);
    await page.waitForFunction(() => document.querySelectorAll('#mirror tbody tr').length > 0);
    assert.match(await page.locator('#mirror caption').textContent(), /Zones/);
    assert.equal(await page.locator('#mirror [data-change]').count(), 0, 'at the start nothing has changed');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('#mirror [data-change="changed"] .was') !== null);
    const changed = await page.locator('#mirror [data-change="changed"]').first().textContent();
    assert.match(changed, /changed.*\(was [\d,]+\)/);
    assert.equal(await page.locator('#mirror button[tabindex="0"]').count(), 0);
    const box = await page.locator('#mirror').boundingBox();
    assert.ok(box.width <= 1 && box.height <= 1, 'it does not cover the picture');
  }));

test('in the place of the picture its rows are gone through and selected by keyboard', withPage(
  { query: '#s=02-buddy&view=free-lists&step=1' }, async ({ page }) => {
    await loaded(page);
    await page.click('#as-table');
    assert.equal(await page.locator('#as-table').getAttribute('aria-pressed'), 'true');
    assert.equal(await page.locator('#canvas').evaluate((c) => getComputedStyle(c).visibility), 'hidden');
    await page.keyboard.press('Tab');
    const at = () => page.evaluate(() => document.activeElement.dataset.name ?? '');
    const first = await at();
    assert.match(first, /^order \d+, /);
    await page.keyboard.press('ArrowDown');
    const second = await at();
    assert.notEqual(second, first);
    await page.keyboard.press('Enter');
    assert.match(await select(page), /^list:/);
    assert.equal(await at(), second, 'the focus stays where it was');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('#goto').value === '2');
    assert.equal(await at(), second, 'and so it does after a step');
    assert.equal(await page.locator('#mirror tr[aria-current="true"]').count(), 1);
    await page.click('#lang-zh');
    assert.match(await page.locator('#mirror caption').textContent(), /空闲链表/);
    await page.click('#as-table');
    assert.equal(await page.locator('#canvas').evaluate((c) => getComputedStyle(c).visibility), 'visible');
  }));

test('every view has a table', withPage({ query: '#s=02-buddy&step=3' }, async ({ page }) => {
  await loaded(page);
  await page.click('#as-table');
  for (const tab of await page.locator('#view-tabs [role="tab"]').all()) {
    await tab.click();
    const told = await page.locator('#mirror').evaluate((box) => box.querySelector('table, p')?.textContent ?? '');
    assert.notEqual(told, '', await tab.textContent());
  }
}));

test('with forced colours one sees what is chosen, where one stands and what has changed', withPage(
  { query: '#s=02-buddy&step=2&event=2', forcedColors: true }, async ({ page }) => {
    await loaded(page);
    const differs = (on, off, property) => page.evaluate(([a, b, p]) => {
      const of = (selector) => getComputedStyle(document.querySelector(selector))[p];
      return of(a) !== of(b);
    }, [on, off, property]);
    assert.ok(await differs('#lang-en', '#lang-zh', 'backgroundColor'), 'the language');
    assert.ok(await differs('.op.now', '.op:not(.now)', 'outlineStyle'), 'the step');
    assert.ok(await differs('.event.now', '.event:not(.now)', 'outlineStyle'), 'the event');
    assert.ok(await differs('#view-tabs [aria-selected="true"]', '#view-tabs [aria-selected="false"]', 'borderBottomColor'), 'the view');
  }));
