// The engine and its texts come in two parts: the first picture waits for the first only, everything else for both.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertClean, open, pixelsOf, waitAtRest } from './harness.mjs';

const REST = '**/mmscope.rest-*.wasm';
const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const isLoaded = (page) => page.evaluate(() => document.documentElement.dataset.loaded === '1');
const text = (page, selector) => page.locator(selector).innerText();
// What the view and the sentences say.
const told = async (page) => [
  await page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.engine.describe()),
  await text(page, '#why'), await text(page, '#ops'),
];

// Opens the page with the rest kept back until arrive() is called. requests: what the page has asked for.
async function openWithout(options, body) {
  let arrive;
  const arrived = new Promise((resolve) => { arrive = resolve; });
  const requests = [];
  const opened = await open({
    ...options,
    prepare: async (page) => {
      page.on('request', (request) => requests.push(new URL(request.url()).pathname.split('/').pop()));
      await page.route(REST, async (route) => {
        await arrived;
        await route.continue();
      });
    },
  });
  try {
    await body({ ...opened, arrive, requests });
    await assertClean(opened);
  } finally {
    arrive();
    await opened.close();
  }
}

// A first picture that fails here has begun to call a function that was put into the rest: tools/split-page.mjs does not
// draw the same picture as web/js/main.js any more.
for (const [name, options] of [
  ['the default lesson', {}],
  ['the default lesson in Chinese and dark', { locale: 'zh-CN', theme: 'dark' }],
  ['the default lesson on a phone', { viewport: { width: 390, height: 844 }, density: 3, touch: true }],
  ['the default lesson where things move', { motion: 'no-preference' }],
]) {
  test(`the first picture does not wait for the rest of the engine: ${name}`, async () => {
    await openWithout(options, async ({ page, canvas, arrive, requests }) => {
      assert.ok((await pixelsOf(page, canvas)).colours > 8);
      assert.ok(await page.locator('#loading').isHidden());
      assert.ok((await text(page, '#steps')).length > 40);
      await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/chinese.ttf')));
      assert.equal(requests.filter((file) => file === 'chinese.ttf').length, 1, 'at once or behind the picture');
      await page.locator('#tab-check').waitFor();  // the tabs do not wait for the rest
      assert.equal(await isLoaded(page), false);
      arrive();
      await loaded(page);
    });
  });
}

test('what a person does before the rest has come is done when it has', async () => {
  await openWithout({ query: '#s=02-buddy' }, async ({ page, arrive }) => {
    await page.click('#go-next');
    await page.keyboard.press('ArrowRight');
    await page.click('#tab-proc');
    await page.click('#gallery [data-scenario="26-slub-debug"]');
    assert.equal(await page.locator('#goto').inputValue(), '0');
    assert.match(await text(page, '#status'), /still coming/);
    await page.waitForTimeout(200);
    assert.equal(await page.locator('#goto').inputValue(), '0');
    arrive();
    await page.waitForFunction(() => location.hash.includes('s=26-slub-debug'));
    assert.equal(await page.locator('#tab-proc').getAttribute('aria-selected'), 'true');
    assert.equal(await page.locator('#tab-slab').getAttribute('aria-selected'), 'true');
    assert.equal(await text(page, '#status'), '');
  });
});

test('steps and keys that had to wait are all done, in their order', async () => {
  await openWithout({ query: '#s=02-buddy' }, async ({ page, arrive }) => {
    for (let i = 0; i < 3; ++i) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await page.click('#go-into');
    arrive();
    await loaded(page);
    assert.equal(await page.locator('#goto').inputValue(), '3.1.1');
    assert.equal(await page.locator('.event.now .go').innerText(), '1');
  });
});

test('a canvas that is resized before the rest has come fits afterwards', async () => {
  await openWithout({ query: '#s=02-buddy' }, async ({ page, canvas, arrive }) => {
    await page.setViewportSize({ width: 900, height: 700 });
    await page.waitForTimeout(200);
    arrive();
    await loaded(page);
    await waitAtRest(page);
    const size = await canvas.evaluate((c) => [c.width, c.height, c.clientWidth, c.clientHeight]);
    assert.deepEqual(size.slice(0, 2), size.slice(2));
  });
});

for (const [name, query] of [
  ['a lesson that is known to need it', '#s=26-slub-debug&step=5'],
  ['a view that turns out to need it', '#s=02-buddy&step=2&view=caches'],
  ['a step whose sentence turns out to be in it', '#s=02-buddy&step=60'],
  ['another lesson about the page allocator', '#s=06-random&view=map'],
  ['an event in the middle of one', '#s=02-buddy&step=41&event=3&lang=zh'],
  ['a step that turns out to need it', '#s=31-kvmalloc&step=5'],
]) {
  test(`a first picture that needs the rest waits for it: ${name}`, async () => {
    const options = { query, ready: false };
    let seen;
    await openWithout(options, async ({ page, arrive }) => {
      await page.waitForFunction(() => document.querySelector('#loading-engine').classList.contains('done'));
      await page.waitForTimeout(500);
      assert.equal(await page.evaluate(() => document.documentElement.dataset.ready), undefined);
      assert.ok(await page.locator('#loading').isVisible());
      arrive();
      await loaded(page);
      await waitAtRest(page);
      seen = await told(page);
    });
    // Having begun twice leaves no trace: the same as if the rest had been there at once.
    const opened = await open({ query: '#s=02-buddy' });
    try {
      await loaded(opened.page);
      await opened.page.evaluate((hash) => { location.hash = hash; }, query);
      await opened.page.waitForFunction((hash) => location.hash.startsWith(hash), query.split('&')[0]);
      await waitAtRest(opened.page);
      assert.deepEqual(await told(opened.page), seen);
    } finally {
      await opened.close();
    }
  });
}

for (const [locale, message, again] of [['en-US', /rest of the engine did not come/, 'Try again'], ['zh-CN', /引擎的其余部分没有载入/, '再试一次']]) {
  test(`a rest that cannot be fetched is told, and asked for again (${locale})`, async () => {
    const opened = await open({ locale, query: '#s=02-buddy', prepare: (page) => page.route(REST, (route) => route.abort()) });
    const { page, canvas } = opened;
    try {
      await page.locator('#unfinished').waitFor();
      assert.match(await text(page, '#unfinished-text'), message);
      assert.equal(await text(page, '#unfinished-again'), again);
      assert.ok((await pixelsOf(page, canvas)).colours > 8, 'the first picture stays');
      await page.click('#gallery [data-scenario="10-why-slab"]');

      await page.click('#unfinished-again');
      await page.locator('#unfinished').waitFor();
      assert.equal(await isLoaded(page), false);

      await page.unroute(REST);
      await page.click('#unfinished-again');
      await loaded(page);
      assert.ok(await page.locator('#unfinished').isHidden());
      await page.waitForFunction(() => location.hash.includes('s=10-why-slab'));
      await page.click('#go-last');
      assert.ok((await text(page, '#why')).length > 20);
      const others = opened.problems.filter((problem) => !/mmscope\.rest-|ERR_FAILED/.test(problem));
      assert.deepEqual(others, []);
    } finally {
      await opened.close();
    }
  });
}

test('a rest of another build is not taken', async () => {
  const opened = await open({ query: '#s=02-buddy', prepare: (page) => page.route(REST, (route) => route.fulfill({ status: 404, body: 'not found' })) });
  try {
    await opened.page.locator('#unfinished').waitFor();
    assert.match(await text(opened.page, '#unfinished-text'), /mmscope\.rest-[0-9a-f]{12}\.wasm: HTTP 404/);
  } finally {
    await opened.close();
  }
});
