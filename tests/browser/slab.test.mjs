// The slab views as a person uses them: from the gallery to an object, to its page in the map, and back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clickInCanvas, linkOf, openView, pixelsOf, waitAtRest, withPage } from './harness.mjs';

const LESSON = '12-slub-paths';

const text = (page, selector) => page.locator(selector).innerText();
const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const describe = (page) => page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.engine.describe().view);
const tab = openView;

const onPage = (options, body) => withPage(options, async (opened, context) => {
  await loaded(opened.page);
  await body(opened, context);
});

// Every object that the picture marks, of all slabs of the cache.
const marked = (view) => [...view.cpus.flatMap((cpu) => [cpu.slab, ...(cpu.partial ?? [])]),
                          ...view.nodes.flatMap((node) => [...node.partial, ...node.full, ...node.free])]
  .flatMap((slab) => slab?.marked ?? []);

for (const [language, locale] of [['en', 'en-US'], ['zh', 'zh-CN']]) {
  test(`tour in ${language}: gallery, a cache, a step, an object, its page in the map, and back`, onPage({ locale }, async ({ page, canvas }) => {
    await page.click(`#gallery [data-scenario="${LESSON}"]`);
    // The lesson is fetched first.
    await page.waitForFunction((name) => document.querySelector('#place').selectedOptions[0]?.textContent === name,
      language === 'zh' ? 'slab 缓存' : 'Slabs');
    await page.click('#go-next');
    await page.click('#go-next');
    await tab(page, 'caches');
    await waitAtRest(page);
    assert.ok((await describe(page)).caches.some((cache) => cache.name === 'task' && cache.touched));

    await clickInCanvas(page, canvas, 60, 42);  // the first row: the cache with the most memory
    await page.waitForFunction(() => document.querySelector('#tab-cache').getAttribute('aria-selected') === 'true');
    assert.match(await text(page, '#inspect'), /struct kmem_cache\s+task/);
    await waitAtRest(page);
    assert.deepEqual(marked(await describe(page)), [0], 'the object that the step took');

    await page.click('#go-into');  // the first of three
    await waitAtRest(page);
    assert.deepEqual(marked(await describe(page)), [1]);

    // The link in the sentence selects the object; the inspector says what it is and where else it can be seen.
    await page.locator('#why-text .ref[data-place^="object:"]').first().click();
    await page.waitForFunction(() => location.hash.includes('sel=object'));
    assert.match(await text(page, '#inspect'), /struct slab/);
    await page.click('.seen [data-view="map"]');
    await waitAtRest(page);
    assert.equal((await describe(page)).pixelsPerFrame > 4, true, 'near enough to see the frame');
    await page.click('.seen [data-view="cache"]');
    await waitAtRest(page);
    assert.equal((await describe(page)).cache, 'task');
    await page.click('.seen [data-view="slab"]');
    await waitAtRest(page);
    assert.ok((await pixelsOf(page, canvas)).colours > 8);

    await tab(page, 'compare');
    await waitAtRest(page);
    const compared = await describe(page);
    assert.equal(compared.done, compared.steps);
    assert.deepEqual(Object.keys(compared.allocators), ['SLUB', 'SLAB', 'SLOB']);
  }));
}

test('/proc has slabinfo, and /sys the selected cache', onPage({ query: `#s=${LESSON}&step=3&panel=proc` }, async ({ page }) => {
  await page.selectOption('#proc-file', 'slabinfo');
  assert.match(await text(page, '#proc pre'), /^task +\d+/m);
  await page.selectOption('#proc-file', 'slab');
  assert.match(await text(page, '#proc .path-name'), /^\/sys\/kernel\/slab\//);
  await page.locator('.op.now .ref, #why-text .ref[data-place^="cache:"]').first().click();
  await page.waitForFunction(() => document.querySelector('#proc pre').textContent.includes('object_size:1000'));
}));

test('a link keeps which file of /proc is read, and opens it again', onPage({ query: `#s=${LESSON}&step=3&panel=proc` }, async ({ page }) => {
  assert.doesNotMatch(await linkOf(page), /file=/, 'the first file needs no word');
  await page.selectOption('#proc-file', 'slabinfo');
  assert.match(await linkOf(page), /&panel=proc&file=slabinfo$/);
  await page.reload();
  await loaded(page);
  await page.waitForFunction(() => document.querySelector('#proc-file')?.value === 'slabinfo');
  assert.match(await text(page, '#proc .path-name'), /slabinfo/);
}));

for (const [language, sel, view] of [['en', 'object', 'slab'], ['zh', 'cache', 'caches'], ['zh', 'object', 'cache'], ['en', 'pfn', 'colouring']]) {
  test(`a link made with a selected ${sel} opens the same in a new profile, view ${view}, in ${language}`, async () => {
    const of = async ({ page }) => {
      await loaded(page);
      await waitAtRest(page);
      const { app } = await page.evaluate(async () => {
        const { app } = await import(new URL('js/main.js', location.href));
        app.flushLink();
        const { step, event, select, view, look } = app.state;
        return { app: { step, event, select, view, look, language: app.language } };
      });
      return { app, hash: await page.evaluate(() => location.hash), notice: await page.locator('#notice').isVisible() };
    };
    const place = { cache: 'cache:task', object: 'object:40c003e8', pfn: 'pfn:40c00' }[sel];
    const look = view === 'caches' ? '&look=-objects%2Ball' : view === 'slab' ? '&look=128' : '';
    const query = `#s=${LESSON}&step=6&event=1&view=${view}&lang=${language}&sel=${place}${look}`;
    let first;
    await withPage({ query }, async (opened) => { first = await of(opened); })();
    assert.equal(first.notice, false, 'every part of the link is understood');
    assert.equal(first.app.select, place);
    assert.equal(first.app.view, view);
    if (view === 'caches') assert.equal(first.app.look, '-objects+all');
    await withPage({ query: first.hash, locale: language === 'zh' ? 'en-US' : 'zh-CN' }, async (opened) => {
      assert.deepEqual(await of(opened), first);
    })();
  });
}

// Step 2 of the lesson: echo "sock 4 2 1" > /proc/slabinfo.
test('/proc/slabinfo shows what was written to it', onPage({ query: '#s=22-slab-array-cache&step=1&panel=proc' }, async ({ page }) => {
  await page.selectOption('#proc-file', 'slabinfo');
  const tunables = async () => /^sock .*: tunables +(\d+) +(\d+) +(\d+) :/m.exec(await text(page, '#proc pre')).slice(1);
  assert.notDeepEqual(await tunables(), ['4', '2', '1']);
  await page.click('#go-next');
  await page.waitForFunction(() => /^sock .*tunables +4 +2 +1 /m.test(document.querySelector('#proc pre').textContent));
  assert.match(await text(page, '#proc .changed'), /sock/);
}));

test('colouring: slab after slab begins a line later, and without it all on one set', onPage({ query: '#s=21-slab-colouring&step=37' }, async ({ page, canvas }) => {
  await waitAtRest(page);
  const shown = await describe(page);
  assert.deepEqual(shown.slabs.map((slab) => slab.set), [1, 2, 3, 4, 5, 6, 7, 0, 1]);
  assert.deepEqual([...new Set(shown.slabs.map((slab) => slab.set_without))], [0]);
  assert.deepEqual([shown.most, shown.most_without], [2, 9]);
  assert.ok((await pixelsOf(page, canvas)).colours > 8);
}));

test('dmesg has what the kernel printed up to the shown step', onPage({ query: '#s=26-slub-debug&step=5&panel=proc' }, async ({ page }) => {
  await page.selectOption('#proc-file', 'dmesg');
  assert.match(await text(page, '#proc pre'), /nothing/);
}));

test('dmesg has a label in Chinese, and the report of the shown step', onPage({ query: '#s=26-slub-debug&step=6&panel=proc&lang=zh' }, async ({ page }) => {
  assert.match(await page.locator('#proc-file option[value="dmesg"]').textContent(), /内核日志/);
  await page.selectOption('#proc-file', 'dmesg');
  assert.match(await text(page, '#proc pre'), /BUG ring \(Not tainted\): Right Redzone overwritten/);
}));

test('a link opens a view of a cache and where it looks', onPage({ query: `#s=${LESSON}&step=5&view=slab&sel=cache:task&look=32` }, async ({ page }) => {
  await waitAtRest(page);
  assert.equal((await describe(page)).cache, 'task');
  assert.match(await page.evaluate(() => location.hash), /look=32/);
}));
