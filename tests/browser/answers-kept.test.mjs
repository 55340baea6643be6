// Answers outlive a reload of the page, and are put back by their letters; who begins again has given none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness.mjs';

const LESSON = '#s=02-buddy&lang=en';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const inPage = (page, body, argument) => page.evaluate(`(async () => {
  const { app } = await import(new URL('js/main.js', location.href));
  return (${body})(app, ${JSON.stringify(argument ?? null)});
})()`);
const states = (page) => inPage(page, (app) => app.questions.results().map(({ state }) => state));
const firstQuestion = (page) => inPage(page, (app) => app.questions.all[0][0]);

test('what was answered and what was shown is there after a reload, and counts', withPage({ query: LESSON }, async ({ page }) => {
  await loaded(page);
  const op = await firstQuestion(page);
  await inPage(page, (app, at) => app.seek(at), op);
  const box = page.locator(`.question[data-op="${op}"]`);
  await box.waitFor();
  await inPage(page, (app, at) => app.questions.give(at, '0', app.engine.answer(at, '0')), op);
  const before = await states(page);
  assert.notEqual(before[0], 'open');
  assert.ok(before.slice(1).every((state) => state === 'open'));
  await inPage(page, (app) => app.flushLink());
  await page.reload();
  await loaded(page);
  assert.deepEqual(await states(page), before);
  assert.equal(await inPage(page, (app, at) => app.questions.of(at).value, op), '0');
  await inPage(page, (app, at) => app.seek(at), op);
  await box.waitFor();
  assert.equal(await box.getAttribute('data-correct'), String(before[0] === 'right'));
  assert.match(await page.locator(`.question[data-op="${op}"] .result`).innerText(), /Right|Not so/);

  await inPage(page, (app) => app.move('last'));
  await page.locator('#result:not([hidden])').waitFor();
  const code = await page.locator('#result input').inputValue();
  assert.equal(code.split('.')[3][0], before[0][0], 'the result card counts it');
  await page.locator('#result > button').click();
  assert.ok((await states(page)).every((state) => state === 'open'), 'begun again');
  await page.reload();
  await loaded(page);
  assert.ok((await states(page)).every((state) => state === 'open'), 'and nothing comes back');
}));

test('answers are put back by their letters, or none when the letters do not fit', withPage({ query: LESSON }, async ({ page }) => {
  await loaded(page);
  const n = (await states(page)).length;
  const letters = 'rws'.padEnd(n, 'o').slice(0, n);
  for (const wrong of ['', `${letters}r`, 'x'.repeat(n)]) {
    assert.equal(await inPage(page, (app, text) => app.questions.restore(text), wrong), false, wrong);
    assert.ok((await states(page)).every((state) => state === 'open'));
  }
  assert.equal(await inPage(page, (app, text) => app.questions.restore(text), letters), true);
  assert.deepEqual(await states(page), [...letters].map((letter) => ({ r: 'right', w: 'wrong', s: 'shown', o: 'open' })[letter]));
  const ops = await inPage(page, (app) => app.questions.results().map(({ op }) => op));
  for (const [i, verdict] of ['true', 'false', 'shown'].slice(0, n).entries()) {
    await inPage(page, (app, at) => app.seek(at), ops[i]);
    const box = page.locator(`.question[data-op="${ops[i]}"]`);
    await box.waitFor();
    assert.equal(await box.getAttribute('data-correct'), verdict);
    assert.match(await page.locator(`.question[data-op="${ops[i]}"] .verdict`).innerText(), /The answer is/);
  }
}));

test('without storage the page works, and answers last as long as it is open', withPage({
  query: LESSON,
  prepare: (page) => page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });
    }
  }),
}, async ({ page }) => {
  await loaded(page);
  const n = (await states(page)).length;
  assert.equal(await inPage(page, (app, text) => app.questions.restore(text), 'r'.repeat(n)), true);
  assert.ok((await states(page)).every((state) => state === 'right'));
}));
