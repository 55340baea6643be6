// The program beside the lesson: where processes run, a line a written step, stepped as in a debugger.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness.mjs';

const FORK = '#s=66-fork-copy-on-write';
const lines = (page) => page.locator('#program .code-row');
const openProgram = async (page) => {
  await page.locator('#part-program').click();
  await page.locator('#program .code-row').first().waitFor();
};

test('a lesson without processes has no program', withPage({ query: '#s=02-buddy' }, async ({ page }) => {
  assert.ok(await page.locator('#parts').isHidden());
  assert.ok(await page.locator('#ops').isVisible());
}));

for (const [locale, fault] of [['en-US', '// = 5, minor fault'], ['zh-CN', '// = 5, 次要缺页']])
  test(`the program is stepped with the lesson, ${locale}`, withPage({ query: `${FORK}&at=8`, locale }, async ({ page }) => {
    await openProgram(page);
    assert.ok(await page.locator('#ops').isHidden());
    assert.equal(await lines(page).count(), 18);
    assert.equal(await lines(page).nth(6).locator('.code-text').innerText(), 'pid_t c = fork();');
    assert.equal(await lines(page).nth(7).locator('.code-result').innerText(), fault);
    assert.equal(await lines(page).nth(7).locator('.who').innerText(), 'c');
    assert.equal(await page.locator('#program [aria-current="step"] .n').innerText(), '8');
    // The next step's question is open: its line stands there, what comes behind it does not.
    assert.ok(await page.locator('.code-asked').isVisible());
    assert.match(await lines(page).nth(8).locator('.code-text').innerText(), /a\[0\] = 6/);
    assert.doesNotMatch(await lines(page).nth(9).locator('.code-text').innerText(), /a\[0\] = 7/);
    assert.equal(await lines(page).nth(9).locator('.code-result').innerText(), '');

    await lines(page).nth(3).locator('.code-line').click();
    await page.waitForFunction(() => document.querySelector('#program [aria-current="step"] .n')?.textContent === '4');
    await page.waitForFunction(() => location.hash.includes('at=4'));
    assert.equal(await lines(page).nth(6).locator('.code-result').innerText(), '', 'what has not run has no result');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('#program [aria-current="step"] .n')?.textContent === '5');
  }));

test('the listing is one Tab stop, and arrows go along its lines', withPage({ query: `${FORK}&at=5` }, async ({ page }) => {
  await openProgram(page);
  assert.equal(await page.locator('#program .code-line').evaluateAll((all) => all.filter((one) => one.tabIndex === 0).length), 1);
  await page.locator('#program [aria-current="step"]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#program [aria-current="step"] .n')?.textContent === '6');
}));

test('the question is answered in the lesson, and another lesson begins there', withPage({ query: `${FORK}&at=6` }, async ({ page }) => {
  await openProgram(page);
  await page.locator('.code-asked button').click();
  assert.ok(await page.locator('.question:not([hidden])').first().isVisible());
  assert.equal(await page.locator('#part-lesson').getAttribute('aria-pressed'), 'true');
  await openProgram(page);
  await page.evaluate(() => { location.hash = '#s=02-buddy'; });
  await page.waitForFunction(() => document.getElementById('parts').hidden);
  assert.ok(await page.locator('#ops').isVisible());
}));

for (const [name, options] of [['a telephone', { viewport: { width: 390, height: 844 }, touch: true, mobile: true }], ['a small window', { viewport: { width: 480, height: 320 } }]])
  test(`nothing of it is cut off on ${name}`, withPage({ query: `${FORK}&at=5`, ...options }, async ({ page }) => {
    if (await page.locator('#parts').isHidden()) return;  // the small frame shows the lesson's note alone
    await openProgram(page);
    const wide = await page.locator('#steps').evaluate((panel) => panel.scrollWidth <= panel.clientWidth);
    assert.ok(wide, 'long lines are broken');
  }));

test('an embedded frame has no program', withPage({ query: `embed.html${FORK}` }, async ({ page }) => {
  assert.ok(await page.locator('#parts').isHidden());
}));
