// What is open: of two choices the last one, however late its files come; and the way back, by link, history and reload.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertClean, open, withPage } from './harness.mjs';

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

// When everything has come, the icon too: what is still on its way would fail.
async function reload(page) {
  await page.waitForNetworkIdle();
  await page.reload();
  await loaded(page);
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
      await answered;
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
    await answered;
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
    await answered;
    await page.waitForTimeout(300);
    assert.match(await hash(page), /s=02-buddy&at=3/);
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
    assert.equal(await step(page), '2.1', 'two ops: the first of a run');
    await linkHas(page, 's=05-pcp');
  });
});

// ---- which panels there are -----------------------------------------------------------------------------------------

test('the page is loaded when its tabs are known, however late build.json comes', async () => {
  await openWithout('**/build.json', { query: '#s=02-buddy&panel=check' }, async ({ page, arrive, asked }) => {
    await asked;
    await page.click('#go-next');
    await page.waitForFunction(() => document.querySelector('#goto').value === '1');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.loaded), undefined);
    assert.ok(await page.locator('#tab-check').isHidden());
    arrive();
    await loaded(page);
    assert.ok(await page.locator('#tab-check').isVisible());
    assert.equal(await page.locator('#tab-check').getAttribute('aria-selected'), 'true');
    await page.locator('#check table').waitFor();
  });
});

test('without a table of checks there is no tab for it, and a link to it opens the inspector', async () => {
  for (const body of [JSON.stringify({ version: '1', id: '0', files: [] }), 'nothing']) {
    const opened = await open({
      query: '#s=02-buddy&panel=check',
      prepare: (page) => page.route('**/build.json', (route) => route.fulfill({ contentType: 'application/json', body })),
    });
    try {
      await loaded(opened.page);
      assert.ok(await opened.page.locator('#tab-check').isHidden());
      assert.equal(await opened.page.locator('#tab-inspect').getAttribute('aria-selected'), 'true');
      assert.ok((await opened.page.locator('#inspect').innerText()).length > 40);
      await toHash(opened.page, '#s=02-buddy&step=1&panel=check');
      await opened.page.waitForFunction(() => document.querySelector('#goto').value === '1');
      assert.equal(await opened.page.locator('#tab-inspect').getAttribute('aria-selected'), 'true');
      await assertClean(opened);
    } finally {
      await opened.close();
    }
  }
});

// ---- the way back ---------------------------------------------------------------------------------------------------

const onPage = (options, body) => withPage(options, async (opened) => {
  await loaded(opened.page);
  await body(opened);
});

test('Back returns to the lesson and step before, Forward to the next', onPage({ query: '#s=02-buddy' }, async ({ page }) => {
  const before = await page.evaluate(() => history.length);
  for (let i = 0; i < 3; ++i) await page.keyboard.press('ArrowRight');
  await page.click('#gallery [data-scenario="05-pcp"]');
  await linkHas(page, 's=05-pcp');
  for (let i = 0; i < 4; ++i) await page.click('#go-next');
  await page.click('#gallery [data-scenario="03-watermarks-x86"]');
  await linkHas(page, 's=03-watermarks-x86');
  assert.equal(await page.evaluate(() => history.length), before + 2, 'an entry for each lesson, none for steps');
  await page.click('#lang-zh');
  await linkHas(page, 'lang=zh');

  await page.goBack();
  await linkHas(page, 's=05-pcp');
  await page.waitForFunction(() => document.querySelector('#goto').value === '4');
  await page.goBack();
  await linkHas(page, 's=02-buddy');
  await page.waitForFunction(() => document.querySelector('#goto').value === '3');
  assert.equal(await page.locator('#lang-zh').getAttribute('aria-pressed'), 'true', 'the language stays');
  await page.goForward();
  await linkHas(page, 's=05-pcp');
  await page.waitForFunction(() => document.querySelector('#goto').value === '4');
  await page.goForward();
  await linkHas(page, 's=03-watermarks-x86');
  assert.equal(await page.evaluate(() => history.length), before + 2);
}));

test('a page in a frame follows the links of its host after a lesson was chosen in it', async () => {
  const opened = await open({
    query: 'embed.html',
    ready: false,
    prepare: (page) => page.route('**/embed.html', (route) => route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html><title>embed</title><iframe src="./#s=02-buddy" width="1200" height="780"></iframe>',
    })),
  });
  try {
    await opened.page.locator('iframe').waitFor();
    const frame = opened.page.frames().find((one) => one !== opened.page.mainFrame());
    await frame.waitForFunction(() => document.documentElement.dataset.loaded === '1', undefined, { timeout: 30_000 });
    await frame.click('#gallery [data-scenario="05-pcp"]');
    await frame.waitForFunction(() => location.hash.includes('s=05-pcp'));
    await opened.page.evaluate(() => { document.querySelector('iframe').contentWindow.location.hash = '#s=02-buddy&step=3&lang=zh'; });
    await frame.waitForFunction(() => document.querySelector('#goto').value === '3' && document.documentElement.lang === 'zh-Hans');
    await opened.page.evaluate(() => { document.querySelector('iframe').src = './#s=05-pcp&step=2'; });
    await frame.waitForFunction(() => document.querySelector('#goto').value === '2.1' && location.hash.includes('s=05-pcp'));
    assert.deepEqual(opened.problems, []);
  } finally {
    await opened.close();
  }
});

test('a scenario of one’s own is there again when the tab is loaded again, and on the way back', onPage({ query: '#s=02-buddy' }, async ({ page }) => {
  await paste(page);
  await page.click('#go-next');
  await linkHas(page, 'at=1');
  await reload(page);
  assert.equal(await title(page), 'Mine');
  assert.equal(await step(page), '1');
  assert.ok(await page.locator('#notice').isHidden());
  await page.click('#lessons summary');
  await page.click('#gallery [data-scenario="05-pcp"]');
  await linkHas(page, 's=05-pcp');
  await page.goBack();
  await page.waitForFunction(() => /[#&]z=1\./.test(location.hash));
  await page.waitForFunction(() => document.querySelector('#title').textContent === 'Mine' && document.querySelector('#goto').value === '1');
}));

test('a scenario of one’s own that is too large to be kept does not bring an older one back', onPage({ query: '#s=02-buddy' }, async ({ page }) => {
  await paste(page);
  await page.evaluate(async (text) => {
    const { app } = await import(new URL('js/main.js', location.href));
    await app.loadText('own', text + ' '.repeat(2 ** 20));
  }, OWN);
  await reload(page);
  assert.match(await page.locator('#notice-text').innerText(), /only in its sender’s tab/);
}));
