// Does the page work at all? What every browser is asked in every run of ./dev test: it opens, draws, steps, hears keys and
// clicks, asks a question, comes back by its link, and fits a phone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clickInCanvas, linkOf, pixelsOf, waitAtRest, withPage } from './harness.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const onPage = (options, body) => withPage(options, async (opened) => {
  await loaded(opened.page);
  await body(opened);
});
const step = (page) => page.locator('#goto').inputValue();
const text = (page, selector) => page.locator(selector).innerText();
const describe = (page) => page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.engine.describe().view);

for (const [locale, language, next, word] of [['en-US', 'en', 'next', /order/], ['zh-CN', 'zh-Hans', '下一步', /阶/]]) {
  test(`it opens in the reader’s language, with a picture, and steps: ${language}`, onPage({ locale }, async ({ page, canvas }) => {
    assert.equal(await page.evaluate(() => document.documentElement.lang), language);
    assert.ok((await pixelsOf(page, canvas)).colours > 8, 'the picture is not empty');
    assert.ok(await page.locator('.controls').hasNamed('button', next));
    await page.click('#go-next');
    assert.equal(await step(page), '1');
    assert.match(await text(page, '#why-text'), word);
    await page.click('#go-into');
    assert.equal(await page.locator('.event.now .go').innerText(), '1');
  }));
}

test('keys step, and the picture answers the mouse and rests', onPage({ query: '#s=02-buddy&step=1&view=map' }, async ({ page, canvas }) => {
  await page.keyboard.press('ArrowRight');
  assert.equal(await step(page), '2');
  await page.keyboard.press('Shift+ArrowLeft');
  assert.notEqual(await step(page), '2');
  const box = await canvas.boundingBox();
  await clickInCanvas(page, canvas, box.width / 2, box.height / 2);
  await waitAtRest(page);
  assert.match(await linkOf(page), /sel=pfn:/);
  const { pixelsPerFrame } = await describe(page);
  await page.mouse.wheel(0, -300);
  await page.waitForFunction(async (before) =>
    (await import(new URL('js/main.js', location.href))).app.engine.describe().view.pixelsPerFrame > before, pixelsPerFrame);
}));

test('a question of a lesson is answered', onPage({ query: '#s=03-watermarks-x86' }, async ({ page }) => {
  const question = page.locator('.question', { visible: true });
  for (let i = 0; i < 40 && (await question.count()) === 0; ++i) await page.click('#go-next');
  await question.locator('input').first().waitFor();
  if ((await question.locator('input').first().getAttribute('type')) === 'radio') await question.locator('label').first().click();
  else await question.locator('input').fill('1');
  await question.locator('button[type=submit]').click();
  await question.locator('.verdict').waitFor();
  assert.match(await question.locator('.verdict').innerText(), /Right\.|Not so\./);
}));

test('a link brings back where one was', onPage({ query: '#s=02-buddy&at=3.1.2&view=free-lists&sel=zone:0/DMA&lang=zh' }, async ({ page }) => {
  const link = await linkOf(page);
  await page.click('#go-next');
  assert.notEqual(await linkOf(page), link);
  await page.evaluate((hash) => { location.hash = hash; }, link);
  await page.waitForFunction(() => document.querySelector('#goto').value === '3.1.2');
  await page.reload();
  await loaded(page);
  assert.equal(await linkOf(page), link);
  assert.equal(await page.locator('#tab-free-lists').getAttribute('aria-selected'), 'true');
}));

test('on a phone it fits, and a finger steps', onPage({ viewport: { width: 390, height: 844 }, density: 2, touch: true, theme: 'dark' }, async ({ page, canvas }) => {
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.tap('#go-next');
  assert.equal(await step(page), '1');
  const { width, height } = await canvas.boundingBox();
  const pixels = await pixelsOf(page, canvas);
  assert.ok(Math.abs(pixels.width - 2 * width) <= 2 && Math.abs(pixels.height - 2 * height) <= 2);
  assert.ok(pixels.colours > 8);
}));
