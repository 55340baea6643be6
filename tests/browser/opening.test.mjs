// What is open: of two choices the last one, however late its files come; and the way back, by link, history and reload.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertClean, open } from './harness.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const step = (page) => page.locator('#goto').inputValue();
const title = (page) => page.locator('#title').innerText();
const hash = (page) => page.evaluate(() => location.hash);
const linkHas = (page, piece) => page.waitForFunction((p) => location.hash.split(/[#&]/).includes(p), piece);
const toHash = (page, link) => page.evaluate((to) => { location.hash = to; }, link);

const OWN = JSON.stringify({
  format: 'mmscope/1',
  title: 'Mine',
  machine: { profile: { name: 'small', arch: 'x86_64', kernel: '6.1', memory: '64MiB', cpus: 1 } },
  steps: [{ op: 'alloc_pages', order: 2, gfp: 'GFP_KERNEL', as: 'a' }, { op: '__free_pages', page: 'a' }],
});

// Opens the page with the files that match kept back until arrive() is called. asked: resolves when one was asked for.
async function openWithout(files, options, body) {
  let arrive;
  let ask;
  const arrived = new Promise((resolve) => { arrive = resolve; });
  const asked = new Promise((resolve) => { ask = resolve; });
  const opened = await open({
    ...options,
    prepare: (page) => page.route(files, async (route) => {
      ask();
      await arrived;
      await route.continue();
    }),
  });
  try {
    await body({ ...opened, arrive, asked });
    await assertClean(opened);
  } finally {
    arrive();
    await opened.close();
  }
}

async function paste(page) {
  await page.click('#paste');
  await page.fill('#paste-text', OWN);
  await page.click('#paste-load');
  await page.locator('#dialog').waitFor({ state: 'hidden' });
}

// ---- the last choice wins -------------------------------------------------------------------------------------------

for (const [name, files] of [['its text', '**/scenarios/03-watermarks-x86.json'], ['its machine', '**/machines/x86_64-6.1-184m.json']]) {
  test(`a lesson that has to wait for ${name} does not take the place of one that was chosen after it`, async () => {
    await openWithout(files, { query: '#s=02-buddy' }, async ({ page, arrive, asked }) => {
      await loaded(page);
      await page.click('#gallery [data-scenario="03-watermarks-x86"]');
      await asked;
      await page.click('#gallery [data-scenario="05-pcp"]');
      await linkHas(page, 's=05-pcp');
      const answered = page.waitForResponse(files);
      arrive();
      await (await answered).finished();
      await page.waitForTimeout(300);
      assert.equal(await title(page), 'Per-CPU pages');
      await page.click('#gallery [data-scenario="03-watermarks-x86"]');
      await linkHas(page, 's=03-watermarks-x86');
    });
  });
}

test('a link that has to wait for its lesson does not throw a pasted scenario away', async () => {
  const files = '**/scenarios/03-watermarks-x86.json';
  await openWithout(files, { query: '#s=02-buddy' }, async ({ page, arrive, asked }) => {
    await loaded(page);
    await toHash(page, '#s=03-watermarks-x86&step=2');
    await asked;
    await paste(page);
    const answered = page.waitForResponse(files);
    arrive();
    await (await answered).finished();
    await page.waitForTimeout(300);
    assert.equal(await title(page), 'Mine');
    assert.equal(await step(page), '0');
  });
});

test('a link back to what is open keeps it open', async () => {
  const files = '**/scenarios/03-watermarks-x86.json';
  await openWithout(files, { query: '#s=02-buddy' }, async ({ page, arrive, asked }) => {
    await loaded(page);
    await page.click('#gallery [data-scenario="03-watermarks-x86"]');
    await asked;
    await toHash(page, '#s=02-buddy&step=3');
    await page.waitForFunction(() => document.querySelector('#goto').value === '3');
    const answered = page.waitForResponse(files);
    arrive();
    await (await answered).finished();
    await page.waitForTimeout(300);
    assert.match(await hash(page), /s=02-buddy&step=3/);
    assert.equal(await step(page), '3');
  });
});

test('a link that comes while the engine is still fetched is followed', async () => {
  const wait = { query: '#s=02-buddy&step=1', ready: false };
  await openWithout('**/mmscope.wasm', wait, async ({ page, arrive, asked }) => {
    await asked;
    await toHash(page, '#s=05-pcp&step=2');
    await page.waitForTimeout(100);
    arrive();
    await loaded(page);
    assert.equal(await title(page), 'Per-CPU pages');
    assert.equal(await step(page), '2');
    await linkHas(page, 's=05-pcp');
  });
});
