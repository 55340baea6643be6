// Before the engine has come: the lesson's text is there, the machine as its file has it, and how much has come.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertClean, open } from './harness.mjs';

const WASM = '**/mmscope.wasm';
const REST = '**/mmscope.rest-*.wasm';
const text = (page, selector) => page.locator(selector).innerText();
const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');

// The page with the engine, or its rest, kept back until arrive() is called.
async function openWithoutEngine({ kept = WASM, ...options }, body) {
  let arrive;
  const arrived = new Promise((resolve) => { arrive = resolve; });
  const opened = await open({
    ...options, ready: false,
    prepare: (page) => page.route(kept, async (route) => {
      await arrived;
      await route.continue();
    }),
  });
  try {
    await body({ ...opened, arrive });
    await assertClean(opened);
  } finally {
    arrive();
    await opened.close();
  }
}

for (const [locale, title, notes, still] of [
  ['en-US', /Buddies/, /2\^order/, /Zone DMA/], ['zh-CN', /伙伴系统/, /2\^order/, /内存域 DMA/],
]) {
  test(`text and free blocks of the default lesson are there before the engine (${locale})`, async () => {
    await openWithoutEngine({ locale }, async ({ page, arrive }) => {
      await page.locator('#still table').waitFor();
      assert.match(await text(page, '#title'), title);
      assert.match(await text(page, '#lesson-notes'), notes);
      assert.match(await text(page, '#still caption'), still);
      const told = await page.evaluate(() => [...document.querySelectorAll('#still tbody tr')].map((row) => row.cells[1].textContent.replace(',', '')));
      assert.equal(await page.evaluate(() => document.documentElement.dataset.ready), undefined);

      arrive();
      await loaded(page);
      assert.ok(await page.locator('#loading').isHidden());
      // The engine counts the same blocks: /proc/buddyinfo, from order 0 on.
      const buddyinfo = await page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.engine.proc('buddyinfo'));
      assert.deepEqual(told.reverse(), JSON.stringify(buddyinfo).match(/zone +DMA +([\d ]+\d)/)[1].split(/ +/));
    });
  });
}

test('what is there before the engine follows the language', async () => {
  await openWithoutEngine({ query: '#s=03-watermarks-x86' }, async ({ page }) => {
    await page.waitForFunction(() => document.querySelector('#lesson-notes').textContent.length > 100);
    const title = await text(page, '#title');
    await page.click('#lang-zh');
    assert.notEqual(await text(page, '#title'), title);
    assert.match(await text(page, '#title'), /\p{Script=Han}/u);
    assert.match(await text(page, '#lesson-notes'), /\p{Script=Han}/u);
  });
});

test('the bar counts the bytes of the engine', async () => {
  await openWithoutEngine({}, async ({ page, arrive }) => {
    await page.evaluate(() => {
      window.__told = [];
      new MutationObserver(() => window.__told.push(document.querySelector('#loading-bytes').textContent))
        .observe(document.querySelector('#loading-bytes'), { childList: true });
    });
    // Before build.json has come the page cannot know how many there will be.
    await page.waitForFunction(async () => (await import(new URL('js/main.js', location.href))).app.build);
    arrive();
    await loaded(page);
    const size = await page.evaluate(async () => {
      const { files } = await (await fetch(new URL('build.json', location.href))).json();
      return files.find(({ path }) => path === 'mmscope.wasm').bytes;
    });
    const told = await page.evaluate(() => window.__told);
    const all = Math.round(size / 1000).toLocaleString('en-US');
    assert.ok(told.length > 0 && told.every((line) => line.endsWith(` of ${all} kB`)), told.join('; '));
  });
});

test('a link keeps its place in the address while the rest of the engine, which it needs, comes', async () => {
  await openWithoutEngine({ query: '#s=02-buddy&at=2', kept: REST }, async ({ page, arrive }) => {
    await page.waitForFunction(async () => (await import(new URL('js/main.js', location.href))).app.state);
    await page.waitForTimeout(600);  // the address is written 250 ms after a change
    assert.equal(await page.evaluate(() => location.hash), '#s=02-buddy&at=2');
    arrive();
    await loaded(page);
    await page.waitForFunction(() => location.hash.startsWith('#s=02-buddy&at=2&view='));
  });
});

for (const viewport of [{ width: 390, height: 844 }, { width: 480, height: 320 }]) {
  test(`text and bar fit ${viewport.width} × ${viewport.height}`, async () => {
    await openWithoutEngine({ viewport }, async ({ page }) => {
      await page.locator('#still table').waitFor({ state: 'attached' });
      const bar = await page.locator('#loading-bar').boundingBox();
      assert.ok(bar.width > 60 && bar.x >= 0 && bar.x + bar.width <= viewport.width);
      const stage = await page.locator('#view-panel').boundingBox();
      assert.ok(bar.y + bar.height <= stage.y + stage.height, 'the bar is in sight');
      assert.ok(await page.locator('#lesson-notes').isVisible());
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width);
    });
  });
}

for (const [name, body] of [['is no JSON', '{'], ['has no texts', '{"machine": {"name": "arm64-6.1-1g"}}'], ['is a list', '[]']]) {
  test(`a lesson that ${name} is told by the engine, as ever`, async () => {
    const opened = await open({
      query: '#s=02-buddy', ready: false,
      prepare: (page) => page.route('**/scenarios/02-buddy.json', (route) => route.fulfill({ contentType: 'application/json', body })),
    });
    try {
      await opened.page.locator('#trouble, #notice', { visible: true }).first().waitFor();
      assert.deepEqual(opened.problems, []);
    } finally {
      await opened.close();
    }
  });
}
