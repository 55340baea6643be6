// Walking a lesson: a written step is a step, a run unfolds to its ops and has a sum, and positions are written in one way.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framesDuring, waitAtRest, withPage } from './harness.mjs';
import { wholePage } from './whole-page.mjs';

const KVMALLOC = '#s=31-kvmalloc';  // nine steps, of which three are runs: 2,500, 1,250 and 200 ops
const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const text = (page, selector) => page.locator(selector).innerText();
const at = (page) => page.locator('#goto').inputValue();
const isAt = (page, place) => page.waitForFunction((p) => document.querySelector('#goto').value === p, place);
const linkHas = (page, piece) => page.waitForFunction((p) => location.hash.split(/[#&]/).includes(p), piece);
const onPage = (options, body) => withPage(options, async (opened) => {
  await loaded(opened.page);
  await body(opened);
});

for (const [language, locale, sum] of [
  ['en', 'en-US', /^2,500 ops: 2,500 allocations, 0 frees; [\d,]+ splits, 0 merges\. Pages taken: DMA [\d,]+/],
  ['zh', 'zh-CN', /^共 2,500 个操作：分配 2,500 次，释放 0 次；拆分 [\d,]+ 次，合并 0 次。取页：DMA [\d,]+/],
]) {
  test(`lesson 31 takes nine presses to its end, and its runs tell what they did, ${language}`, onPage({ query: KVMALLOC, locale }, async ({ page }) => {
    assert.equal(await page.locator('#ops > li').count(), 9);
    const places = [];
    while (await page.locator('#go-next').isEnabled()) {
      await page.keyboard.press('ArrowRight');
      places.push(await at(page));
      if (places.length === 2) {
        await page.waitForFunction((pattern) => new RegExp(pattern).test(document.querySelector('#why-text').textContent), sum.source);
        assert.match(await text(page, '[data-step="2"] .sum'), sum);
        assert.equal(await page.locator('#why-text .other-way').count(), 3, 'the first places where it went another way');
        assert.doesNotMatch(await text(page, '#why-text'), /\[object/);
        assert.equal(await text(page, '#where-steps'), '/ 9');
        assert.equal(await page.locator('.events').count(), 0, 'the run as a whole has no events of one op');
      }
      assert.ok(places.length < 20);
    }
    assert.deepEqual(places, ['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    await page.keyboard.press('ArrowLeft');
    assert.equal(await at(page), '8');
    await linkHas(page, 'at=8');
    await page.waitForFunction(() => [...document.querySelectorAll('.sum')].every((sum) => sum.textContent.length > 10));
    await waitAtRest(page);
    assert.equal(await framesDuring(page, 500), 0, 'nothing is counted any more');
  }));
}

test('into enters a run op by op, and . and , go by events', onPage({ query: `${KVMALLOC}&at=1` }, async ({ page }) => {
  assert.equal(await page.locator('.turn').count(), 0);
  await page.click('#go-into');
  assert.equal(await at(page), '2.1');
  assert.equal(await text(page, '#where-steps'), 'of 2,500');
  assert.equal(await page.locator('.turn.now .n').innerText(), '2.1');
  assert.ok((await page.locator('.turn').count()) < 300, 'a part of them');
  assert.ok((await page.locator('.turn.now .event').count()) > 2, 'its events stand below it');
  await page.keyboard.press('Shift+ArrowRight');
  assert.equal(await at(page), '2.2');
  await page.keyboard.press('.');
  await page.keyboard.press('.');
  assert.equal(await at(page), '2.3.2');
  assert.match(await text(page, '#where-event'), /^in step 2, op 3: event 2 of \d+$/);
  await page.keyboard.press(',');
  assert.equal(await at(page), '2.3.1');
  await page.keyboard.press('Shift+ArrowLeft');
  assert.equal(await at(page), '2.2');
  await page.keyboard.press('ArrowRight');
  assert.equal(await at(page), '2', 'the rest of the run');
  assert.equal(await page.locator('.turn').count(), 0, 'it is folded again');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await at(page), '1');
}));

test('a run is unfolded and folded by hand, and its ops are gone to', onPage({ query: `${KVMALLOC}&at=4` }, async ({ page }) => {
  const fold = page.locator('[data-step="4"] .fold');
  assert.equal(await fold.getAttribute('aria-expanded'), 'false');
  await fold.click();
  assert.equal(await fold.getAttribute('aria-expanded'), 'true');
  assert.equal(await page.locator('[data-step="4"] .turn').count(), 200);
  await page.locator('[data-step="4"] .turn .op-line').nth(16).click();
  assert.equal(await at(page), '4.17');
  await linkHas(page, 'at=4.17');
  await fold.click();
  assert.equal(await page.locator('.turn').count(), 0);
}));

test('“another way” stops where the run leaves its way, the sum names the same places, the next note is found', onPage({ query: `${KVMALLOC}&at=3` }, async ({ page }) => {
  const stops = [];
  for (let i = 0; i < 40 && stops.at(-1) !== '4'; ++i) {
    await page.keyboard.press('w');
    stops.push(await at(page));
  }
  assert.equal(stops.at(-1), '4');
  assert.ok(stops.length > 1, `${stops}`);
  await page.locator('[data-step="4"] .other-way').first().waitFor();
  const told = await page.locator('[data-step="4"] .other-way b').allInnerTexts();
  assert.deepEqual(told, stops.slice(0, told.length));
  const names = await page.locator('[data-step="4"] .other-way').allInnerTexts();
  assert.ok(stops.length - 1 > names.length || names.some((name) => /NULL/.test(name)), `the first NULL is among ${names}`);
  await page.locator('[data-step="4"] .other-way').first().click();
  await isAt(page, told[0]);
  await page.keyboard.press('n');
  await isAt(page, '4');
  await page.keyboard.press('n');
  await isAt(page, '5');  // its question stood before it, where the cursor was
}));

test('links: at wins over step and event, these count ops for ever, and what is not there is told', onPage({ query: `${KVMALLOC}&step=1&event=1&at=2.17.2` }, async ({ page }) => {
  assert.equal(await at(page), '2.17.2');
  const go = (hash) => page.evaluate((h) => { location.hash = h; }, hash);
  await go(`${KVMALLOC}&step=2501`);
  await isAt(page, '2');
  await go(`${KVMALLOC}&step=2500&event=3`);
  await isAt(page, '2.2500.3');
  await go(`${KVMALLOC}&at=2.9999`);
  await page.locator('#notice').waitFor();
  assert.equal(await text(page, '#notice-text'), 'The link points at 2.9999: step 2 has 2500 ops.');
  assert.equal(await at(page), '2');
  await page.click('#lang-zh');
  assert.equal(await text(page, '#notice-text'), '链接指向 2.9999：第 2 步一共 2500 个操作。');
  await go(`${KVMALLOC}&at=1.1.99999`);
  await isAt(page, '1');
  assert.match(await text(page, '#notice-text'), /第 99,999 个事件/);
  await go(`${KVMALLOC}&at=0.1`);
  await isAt(page, '0');
  assert.match(await text(page, '#notice-text'), /"0\.1" 不是位置/);
}));

test('all of it is played in 20 seconds, by the clock', onPage({ query: KVMALLOC }, async ({ page }) => {
  await page.selectOption('#pace', 'all');
  const { ops, ms } = await page.evaluate(async () => {
    const { app } = await import(new URL('js/main.js', location.href));
    const began = performance.now();
    app.togglePlay();
    await new Promise((later) => { setTimeout(later, 900); });
    app.stop();
    return { ops: app.state.step, ms: performance.now() - began };
  });
  assert.ok(ops > 0 && ops <= (ms / 20_000) * 3956 + 1, `${ops} ops after ${ms} ms`);
}));

test('dragging along the timeline snaps to a note that is near', onPage({ query: KVMALLOC }, async ({ page }) => {
  const box = await page.locator('#timeline').boundingBox();
  const x = box.x + (box.width * 2500.5) / 3956;  // the dot of step 2 stands at its last op
  await page.mouse.move(x - 60, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(x - 20, box.y + 10, { steps: 3 });
  await page.waitForFunction(() => document.querySelector('#goto').value.startsWith('2.'));
  await page.mouse.move(x - 5, box.y + 10, { steps: 3 });
  await isAt(page, '2');
  await page.mouse.up();
}));

for (const [width, height] of [[390, 844], [480, 320]]) {
  test(`on ${width} × ${height} the ways to walk are within reach`, onPage({ query: `${KVMALLOC}&at=1`, viewport: { width, height }, touch: true, mobile: true }, async ({ page }) => {
    await wholePage(page);
    for (const id of ['go-back', 'go-back-event', 'go-into', 'go-next', 'go-way', 'go-note', 'play']) {
      const box = await page.locator(`#${id}`).boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= width + 0.5 && box.y + box.height <= height + 0.5, `${id}: ${JSON.stringify(box)}`);
    }
    await page.locator('#go-next').tap();
    assert.equal(await at(page), '2');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  }));
}
