// Finding things on the page: chapters, search, the index, words that are explained, what is dropped or pasted, and scenarios
// of one's own.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertClean, open, pasteText, waitReady, withPage } from './harness.mjs';
import { wholePage } from './whole-page.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const BUDDY = '#s=02-buddy';
const OWN = (title, change = {}) => JSON.stringify({
  format: 'mmscope/1',
  title: { en: title, zh: `${title} 中` },
  machine: { profile: { name: 'small', arch: 'x86_64', kernel: '6.1', memory: '64MiB', cpus: 1 } },
  steps: [{ op: 'alloc_pages', order: 2, gfp: 'GFP_KERNEL', as: 'a' }, { op: '__free_pages', page: 'a' }],
  ...change,
});

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const linkHas = (page, part) => page.waitForFunction((p) => location.hash.includes(p), part);
// The scenario is in the address.
const linkCarries = async (page) => {
  await page.waitForFunction(() => /[#&]z=1\./.test(location.hash));
  return page.evaluate(() => location.hash);
};
const text = (page, selector) => page.locator(selector).innerText();
const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.className);

function onPage(options, body) {
  return withPage(options, async (opened, context) => {
    await loaded(opened.page);
    await body(opened, context);
  });
}

// ---- chapters -------------------------------------------------------------------------------------------------------

test('lessons stand in chapters, with their steps and questions; what was finished is marked and stays so', onPage({ query: BUDDY }, async ({ page }) => {
  const { chapters, scenarios } = await page.evaluate(async () => {
    const { app } = await import(new URL('js/main.js', location.href));
    return { chapters: app.chapters, scenarios: app.index };
  });
  assert.deepEqual(await page.locator('#gallery h3').allInnerTexts(), chapters.map(({ title }) => title.en));
  assert.equal(await page.locator('#gallery [data-scenario]').count(), scenarios.length);
  const row = page.locator('#gallery [data-scenario="45-every-order"]');
  const { steps, questions } = scenarios.find(({ id }) => id === '45-every-order');
  assert.match(await row.innerText(), new RegExp(`^One block of each order\\s+${steps} steps, ${questions} questions\\. Eleven`));

  assert.equal(await page.locator('#gallery .mark').count(), 0);
  await page.click('#go-next');
  const mark = page.locator('#gallery [data-scenario="02-buddy"] .mark');
  assert.equal(await mark.getAttribute('aria-label'), 'Begun');
  await page.click('#go-last');
  await page.locator('#result').waitFor();
  assert.equal(await mark.getAttribute('aria-label'), 'Begun', 'its questions were not asked');
  await page.evaluate(async () => {
    const { app } = await import(new URL('js/main.js', location.href));
    app.questions.restore('s'.repeat(app.questions.results().length));
  });
  await page.locator('#gallery .finished').waitFor();
  assert.match(await page.locator('#gallery h3', { hasText: 'buddy system' }).innerText(), /1 of \d+ finished/);
  await page.reload();
  await loaded(page);
  assert.equal(await mark.getAttribute('aria-label'), 'Finished');
  await page.click('#lang-zh');
  assert.equal(await mark.getAttribute('aria-label'), '已学完');
}));

// ---- search ---------------------------------------------------------------------------------------------------------

const option = (page, name) => page.locator('#search-found [role="option"]', { hasText: name });

async function search(page, query) {
  await page.keyboard.press('/');
  await page.fill('#search-text', query);
  await page.waitForFunction(() => document.querySelector('#search-status')?.textContent !== '');
}

test('what is searched is fetched by the first search, and not before', async () => {
  const asked = [];
  const opened = await open({ query: BUDDY, prepare: async (page) => { page.on('request', (request) => asked.push(request.url())); } });
  try {
    const { page } = opened;
    await loaded(page);
    await page.waitForTimeout(500);
    assert.deepEqual(asked.filter((url) => /search\.|lazy\/find|headings/.test(url)), []);
    await search(page, 'watermark');
    assert.deepEqual(asked.filter((url) => /find\/search/.test(url)).map((url) => /search\.\w+/.exec(url)[0]), ['search.en']);
    await page.fill('#search-text', '水线');
    await option(page, 'Watermarks and borrowing').first().waitFor();
    assert.ok(asked.some((url) => url.endsWith('search.zh.json')), 'Chinese is searched in Chinese texts');
    await assertClean(opened);
  } finally {
    await opened.close();
  }
});

test('by keyboard: / and a word, down to a step, Enter goes there', onPage({ query: BUDDY }, async ({ page }) => {
  await search(page, 'lowmem_reserve');
  const input = page.locator('#search-text');
  assert.equal(await input.getAttribute('aria-expanded'), 'true');
  assert.match(await text(page, '#search-status'), /^\d+ results$/);
  let chosen = '';
  for (let i = 0; i < 20 && !/, step 15/.test(chosen); ++i) {
    await page.keyboard.press('ArrowDown');
    const id = await input.getAttribute('aria-activedescendant');
    chosen = await page.locator(`#${id}[aria-selected="true"]`).innerText();
  }
  assert.match(chosen, /Watermarks and borrowing between zones, step 15/);
  assert.equal(await focused(page), 'search-text', 'the focus stays in the field');
  await page.keyboard.press('Enter');
  await linkHas(page, 's=03-watermarks-x86');
  assert.match(await page.locator('.op.now').innerText(), /lowmem_reserve_ratio/);
  assert.ok(await page.locator('#search-found').isHidden());
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('#title').textContent.startsWith('Buddies'));
}));

test('a step with a question is shown before its answer', onPage({ query: BUDDY }, async ({ page }) => {
  await search(page, 'at most an eighth of a slab');
  const found = option(page, 'SLAB: colouring, step 1');
  assert.doesNotMatch(await found.innerText(), /order 0 is taken/);
  await found.click();
  await linkHas(page, 's=21-slab-colouring');
  await page.locator('.question:not([hidden])').waitFor();
  assert.equal(await page.locator('#goto').inputValue(), '0');
}));

test('a function leads to the event where it runs, a place of the machine is selected', onPage({ query: BUDDY }, async ({ page }) => {
  await search(page, '__free_one_page');
  await option(page, '__free_one_page').first().click();
  await page.waitForFunction(() => document.querySelector('#why-path [data-fn]')?.textContent === '__free_one_page');
  await search(page, 'dma');
  assert.match(await page.locator('#search-found .kind').first().innerText(), /On this machine/);
  await page.keyboard.press('Enter');
  await linkHas(page, 'sel=zone:0/DMA');
}));

for (const [query, title] of [['水线', '水线与内存域之间的借用'], ['lowmem_reserve', '水线与内存域之间的借用'], ['CMA', '连续内存分配器 (CMA)'],
  ['GFP_ATOMIC', 'GFP_ATOMIC'], ['virt_to_phys', '32 位：从地址到内存']]) {
  test(`in Chinese “${query}” finds ${title}`, onPage({ query: BUDDY, locale: 'zh-CN' }, async ({ page }) => {
    await search(page, query);
    assert.ok(await option(page, title).count() > 0, await text(page, '#search-found'));
  }));
}

test('Esc closes the results, then leaves the field; nothing found is told', onPage({ query: BUDDY }, async ({ page }) => {
  await search(page, 'qqqqqqqq');
  assert.match(await text(page, '#search-found'), /Nothing found/);
  await page.keyboard.press('Escape');
  assert.ok(await page.locator('#search-found').isHidden());
  assert.equal(await focused(page), 'search-text');
  await page.keyboard.press('Escape');
  assert.notEqual(await focused(page), 'search-text');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('#goto').inputValue(), '1', 'the arrows are for the steps again');
}));

test('when the texts cannot be fetched it is told, the machine is searched, and the next search asks again', async () => {
  const opened = await open({ query: BUDDY });
  const { page, problems } = opened;
  try {
    await loaded(page);
    await page.route('**/find/search.*', (route) => route.fulfill({ status: 503, body: '' }));
    await page.keyboard.press('/');
    await page.fill('#search-text', 'dma');
    await page.waitForFunction(() => /could not be searched/.test(document.querySelector('#search-found').textContent));
    assert.equal(await page.locator('#search-found [role="option"]').count(), 1);
    await page.unroute('**/find/search.*');
    await page.fill('#search-text', 'dma32');
    await option(page, 'ZONE_DMA32').first().waitFor();
    assert.deepEqual(problems.splice(0).filter((problem) => !/503|ERR_ABORTED/.test(problem)), []);
  } finally {
    await opened.close();
  }
});

for (const [width, height] of [[390, 844], [480, 320], [1280, 800]]) {
  test(`at ${width} × ${height} the results are in the window and can be pressed`, onPage({ query: BUDDY, viewport: { width, height }, touch: width < 700 }, async ({ page }) => {
    await wholePage(page);
    if (await page.locator('#find').isVisible()) await page.tap('#find');
    else await page.focus('#search-text');
    await page.fill('#search-text', 'watermark');
    const last = page.locator('#search-found [role="option"]').last();
    await last.waitFor();
    const box = await page.locator('#search-found').boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= width && box.y + box.height <= height, JSON.stringify(box));
    await last.scrollIntoViewIfNeeded();
    await last.click();
    assert.ok(await page.locator('#search-found').isHidden());
  }));
}

// ---- index ----------------------------------------------------------------------------------------------------------

test('the index has course headings that lead to lessons, and words', onPage({ query: BUDDY }, async ({ page }) => {
  await page.click('#open-index');
  await page.locator('#dialog').waitFor();
  assert.equal(await text(page, '#dialog-title'), 'Index');
  const heading = page.locator('.headings button', { hasText: 'Hot and cold pages' });
  await heading.waitFor();
  assert.equal(await page.locator('.headings button', { hasText: 'Paging out' }).count(), 0, 'what has no lesson is not shown');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('#index-words').getAttribute('aria-selected'), 'true');
  await page.fill('#index-find', 'pcp');
  assert.deepEqual(await page.locator('.glossary dt').allInnerTexts(), ['pcp']);
  await page.fill('#index-find', 'no such word');
  assert.match(await text(page, '#index-part'), /No such word/);
  await page.click('#index-headings');
  await heading.click();
  await linkHas(page, 's=05-pcp');
  assert.ok(await page.locator('#dialog').isHidden());
  await page.click('#lang-zh');
  await page.click('#open-index');
  await page.locator('.headings button', { hasText: '冷热页' }).waitFor();
}));

// ---- words ----------------------------------------------------------------------------------------------------------

const word = (page, name) => page.locator(`#lesson-notes .word[data-word="${name}"]`).first();

test('a word is explained while the pointer is on it, and its lesson is one press away', onPage({ query: '#s=03-watermarks-x86' }, async ({ page }) => {
  await word(page, 'watermark').waitFor();
  await word(page, 'kswapd').hover();
  await page.locator('#word').waitFor();
  assert.match(await text(page, '#word'), /^kswapd\s+The kernel thread of a node that reclaims/);
  await page.mouse.move(5, 5);
  await page.locator('#word').waitFor({ state: 'hidden' });
  await page.goto(page.url().replace(/#.*/, '#s=02-buddy'));
  await page.waitForFunction(() => document.querySelector('#title').textContent.startsWith('Buddies'));
  await page.click('#go-next');
  await page.locator('.op.now .note .word[data-word="watermark"]').click();
  await page.locator('#word button').click();
  await linkHas(page, 's=03-watermarks-x86');
}));

test('by keyboard: one Tab stop, arrows among the words, Enter to the lesson, Esc closes and keeps the selection', onPage({ query: `${BUDDY}&step=1&sel=zone:0/DMA` }, async ({ page }) => {
  await page.locator('.op.now .word').first().waitFor();
  assert.equal(await page.locator('.op.now .word[tabindex="0"]').count(), 1);
  assert.equal(await page.locator('#ops .op:not(.now) .word[tabindex="0"]').count(), 0);
  await page.keyboard.press('Tab');
  await page.locator('.op.now .word[tabindex="0"]').focus();
  await page.locator('#word').waitFor();
  const first = await text(page, '#word .name');
  await page.keyboard.press('ArrowDown');
  assert.notEqual(await text(page, '#word .name'), first);
  assert.equal(await page.locator('.word:focus').getAttribute('aria-describedby'), 'word-text');
  await page.keyboard.press('Escape');
  await page.locator('#word').waitFor({ state: 'hidden' });
  assert.ok(await page.locator('.word:focus').count() === 1, 'the focus stays');
  assert.ok(page.url().includes('sel=zone'), 'what is selected stays');
  assert.equal(await page.locator('#goto').inputValue(), '1', 'no step was made');
  for (let i = 0; i < 20 && await page.locator('#word button').count() === 0; ++i) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Lesson: /);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.word:focus').count(), 1);
}));

test('words and links to places stand side by side; a tap on a word does not go to its event', onPage({ query: `${BUDDY}&step=1&event=2`, touch: true }, async ({ page }) => {
  const line = page.locator('#why-text');
  await line.locator('.word').first().waitFor();
  const before = await line.innerText();
  await line.locator('.ref').first().click();
  await linkHas(page, 'sel=');
  assert.equal(await line.innerText(), before);
  await page.locator('.event .what .word').first().tap();
  await page.locator('#word').waitFor();
  assert.equal(await page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.state.event), 2);
  await page.tap('#why-path');
  await page.locator('#word').waitFor({ state: 'hidden' });
}));

test('fields of structs are explained by the same box', onPage({ query: `${BUDDY}&step=1&sel=zone:0/DMA` }, async ({ page }) => {
  const field = page.locator('#inspect .word', { hasText: 'managed_pages' });
  await field.hover();
  await page.locator('#word').waitFor();
  assert.match(await text(page, '#word'), /Pages handed to the page allocator/);
}));

test('in Chinese words are marked and explained in Chinese, and the language can change', onPage({ query: '#s=03-watermarks-x86', locale: 'zh-CN' }, async ({ page }) => {
  await page.locator('#lesson-notes .word', { hasText: '水线' }).first().hover();
  await page.locator('#word').waitFor();
  assert.match(await text(page, '#word'), /水线 \(watermark\)\s+分配之后/);
  await page.click('#lang-en');
  await page.locator('#word').waitFor({ state: 'hidden' });
  await page.locator('#lesson-notes .word', { hasText: 'watermark' }).first().waitFor();
}));

// ---- what is brought ------------------------------------------------------------------------------------------------

const bring = (page, kind, given, name = 'given.txt') => (kind === 'paste' ? pasteText(page, given) : page.evaluate(([content, called]) => {
  const transfer = new DataTransfer();
  if (called) transfer.items.add(new File([content], called));
  else transfer.setData('text/plain', content);
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
}, [given, name]));

const BUDDYINFO = 'Node 0, zone      DMA     20     19     15     10      7      5      3      9     11      6    217\n';
const MACHINE = readFileSync(join(ROOT, 'scenarios', 'machines', 'x86_64-6.1-184m.json'), 'utf8');

for (const [how, kind, name] of [['pasted behind a prompt', 'paste', null], ['dropped as text', 'drop', null], ['dropped as a file', 'drop', 'buddyinfo']]) {
  test(`/proc/buddyinfo that is ${how} anywhere is read`, onPage({ query: BUDDY }, async ({ page }) => {
    await bring(page, kind, kind === 'paste' ? `root@host:~# cat /proc/buddyinfo\n> ${BUDDYINFO}` : BUDDYINFO, name);
    await page.locator('#buddyinfo-answer table').waitFor();
    assert.match(await text(page, '#buddyinfo-answer caption'), /^Node 0, zone DMA: /);
    await page.click('#buddyinfo-load');
    await linkCarries(page);
    assert.match(await text(page, '#machine'), /counts real, places assumed$/);
    await page.click('#lang-zh');
    assert.match(await text(page, '#machine'), /数目真实，位置假定$/);
  }));
}

test('a machine file is recognised and opened', onPage({ query: BUDDY }, async ({ page }) => {
  await bring(page, 'drop', MACHINE, 'machine.json');
  await page.locator('#offer-open').waitFor();
  assert.match(await text(page, '#dialog-title'), /machine file/);
  await page.click('#offer-open');
  await linkCarries(page);
  assert.match(await text(page, '#machine'), /^x86_64 · Linux 6\.1 · /);
  assert.match(await text(page, '#steps'), /This scenario has no steps|DMA/);
}));

test('a scenario that is pasted is offered, and may be looked at first', onPage({ query: BUDDY }, async ({ page }) => {
  await bring(page, 'paste', OWN('Pasted'), null);
  await page.locator('#offer-open').waitFor();
  assert.equal(await focused(page), 'offer-open');
  await page.keyboard.press('Escape');
  assert.match(await text(page, '#title'), /^Buddies/);
  await bring(page, 'paste', OWN('Pasted'), null);
  await page.locator('#dialog button', { hasText: 'Look at the text' }).click();
  assert.equal(await page.locator('#paste-text').inputValue(), OWN('Pasted'));
  await page.click('#paste-load');
  await page.waitForFunction(() => document.querySelector('#title').textContent === 'Pasted');
}));

test('/proc/buddyinfo in the field for scenarios is recognised', onPage({ query: BUDDY }, async ({ page }) => {
  await page.click('#paste');
  await page.fill('#paste-text', BUDDYINFO);
  await page.click('#paste-load');
  await page.locator('#buddyinfo-answer table').waitFor();
}));

for (const [what, given, place] of [
  ['a node that no kernel has', 'Node 999999, zone      DMA      3      1\n', /Line 1, column 6: the node is above/],
  ['a line that is cut', `${BUDDYINFO.trimEnd().split('\n')[0]}\nNode 0, zone`, /Line 2, column 13: expected the zone/],
  ['a line whose numbers are gone', 'user@host:~$ cat /proc/buddyinfo\nNode 0, zone   Normal', /Line 2, column 22: expected the numbers of free blocks/],
]) {
  test(`/proc/buddyinfo with ${what} is damaged buddyinfo, told with its place`, onPage({ query: BUDDY }, async ({ page }) => {
    await bring(page, 'paste', given, null);
    await page.locator('#buddyinfo-answer .error').waitFor();
    assert.match(await text(page, '#buddyinfo-answer .error'), place);
    await page.keyboard.press('Escape');
    await page.click('#paste');
    await page.fill('#paste-text', given);
    await page.click('#paste-load');
    await page.locator('#buddyinfo-answer .error').waitFor();
    assert.match(await text(page, '#buddyinfo-answer .error'), place);
  }));
}

for (const [what, given, told] of [
  ['other text', 'hello world', /is no scenario, no machine file and no \/proc\/buddyinfo/],
  ['markup', '<img src=x onerror=alert(1)>', /is no scenario/],
  ['/proc/zoneinfo', 'Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 0\n  pages free     3840\n', /looks like \/proc\/zoneinfo/],
  ['/proc/meminfo', 'MemTotal:        1000 kB\n', /looks like \/proc\/meminfo/],
  ['text of 5 MiB', 'Node 0, zone '.repeat(400_000), /has 5\.0 MiB\. A scenario has at most 4 MiB/],
]) {
  test(`${what} that is pasted is refused with a message, and what was open stays`, onPage({ query: `${BUDDY}&step=2` }, async ({ page }) => {
    await bring(page, 'paste', given, null);
    await page.locator('#notice').waitFor();
    assert.match(await text(page, '#notice-text'), told);
    assert.equal(await page.locator('#goto').inputValue(), '2');
    await page.click('#lang-zh');
    assert.match(await text(page, '#notice-text'), /[\u4e00-\u9fff]/);
  }));
}

test('text that is pasted into a field stays there', onPage({ query: BUDDY }, async ({ page }) => {
  await page.focus('#search-text');
  await pasteText(page, BUDDYINFO);
  await page.waitForTimeout(300);
  assert.ok(await page.locator('#dialog').isHidden());
}));

// ---- scenarios of one's own -----------------------------------------------------------------------------------------

const file = (title, change) => ({ name: `${title}.json`, mimeType: 'application/json', buffer: Buffer.from(OWN(title, change)) });
async function openOwn(page, title, change) {
  await page.setInputFiles('#file', file(title, change));
  await page.waitForFunction((wanted) => document.querySelector('#title').textContent === wanted, title);
}
const ownRows = (page) => page.locator('#gallery .own > button').evaluateAll((rows) => rows.map((row) => row.firstChild.textContent));

test('own scenarios stay in the gallery, each at its own address, and back goes between them', onPage({ query: BUDDY }, async ({ page }) => {
  await openOwn(page, 'First');
  const first = await linkCarries(page);
  await openOwn(page, 'Second');
  await page.waitForFunction((link) => /[#&]z=1\./.test(location.hash) && location.hash !== link, first);
  await openOwn(page, 'First');
  assert.deepEqual(await ownRows(page), ['First', 'Second'], 'the same text is the same scenario');
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('#title').textContent === 'Second');
  await page.click('#gallery [data-scenario="02-buddy"]');
  await linkHas(page, 's=02-buddy');
  await page.locator('#gallery .own > button', { hasText: 'First' }).click();
  await page.waitForFunction(() => document.querySelector('#title').textContent === 'First');
  await page.reload();
  await loaded(page);
  assert.equal(await text(page, '#title'), 'First');
  assert.deepEqual(await ownRows(page), ['First', 'Second']);
}));

test('a change of an own scenario takes its place', onPage({ query: BUDDY }, async ({ page }) => {
  await openOwn(page, 'Mine');
  await page.click('#tab-source');
  await page.click('#change-source');
  await page.fill('#paste-text', OWN('Mine, changed'));
  await page.click('#paste-load');
  await page.waitForFunction(() => document.querySelector('#title').textContent === 'Mine, changed');
  assert.deepEqual(await ownRows(page), ['Mine, changed']);
}));

test('what is kept in the browser outlives the tab, what is removed can be put back', async () => {
  const opened = await open({ query: BUDDY });
  const { page, context, url } = opened;
  try {
    await loaded(page);
    await openOwn(page, 'Loose');
    await openOwn(page, 'Kept');
    const keep = page.locator('#gallery .own', { hasText: 'Kept' }).locator('[data-does="keep"]');
    await keep.click();
    assert.equal(await keep.getAttribute('aria-pressed'), 'true');

    const other = await context.newPage();
    await other.goto(url);
    await waitReady(other);
    await loaded(other);
    assert.deepEqual(await ownRows(other), ['Kept']);
    await openOwn(other, 'Of the other tab');
    assert.deepEqual(await ownRows(other), ['Of the other tab', 'Kept']);
    await other.locator('#gallery .own', { hasText: 'Kept' }).locator('[data-does="remove"]').click();
    assert.equal(await other.evaluate(() => document.activeElement.dataset.does), 'undo');
    assert.equal(await other.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('kept')).length), 0);
    await other.keyboard.press('Enter');
    assert.deepEqual((await ownRows(other)).sort(), ['Kept', 'Of the other tab']);
    await other.close();
    await page.reload();
    await loaded(page);
    assert.deepEqual((await ownRows(page)).sort(), ['Kept', 'Loose']);
    await assertClean(opened);
  } finally {
    await opened.close();
  }
});

test('what does not fit in the browser is told, and stays in the tab', onPage({ query: BUDDY }, async ({ page }) => {
  await openOwn(page, 'Large', { notes: 'x'.repeat(1000), steps: [], summary: '' });
  await page.evaluate(async () => {
    const { app } = await import(new URL('js/main.js', location.href));
    app.own.put('own-2', `{"title": "Full"}${' '.repeat(2 * 2 ** 20 - 100)}`);
    app.own.keep('own-2', true);
    app.tell('own');
  });
  await page.locator('#gallery .own', { hasText: 'Large' }).locator('[data-does="keep"]').click();
  await page.locator('#notice').waitFor();
  assert.match(await text(page, '#notice-text'), /“Large” has 2 KiB and was not kept: .* 2,048 of 2,048 KiB are used/);
  assert.deepEqual(await ownRows(page), ['Large', 'Full']);
}));

test('what a scenario expects is checked: the sum above the steps, what fails at its step', onPage({ query: BUDDY }, async ({ page }) => {
  const steps = [
    { op: 'alloc_pages', order: 2, as: 'a', expect: { outcome: 'done', events: { mm_page_alloc: 1 } } },
    { repeat: { count: 3, steps: [{ op: 'alloc_page', as: 'b[]' }] }, expect: { events: { mm_page_alloc: 4 } } },
    { op: '__free_pages', page: 'a', expect: { no_events: ['mm_page_alloc'] } },
  ];
  await openOwn(page, 'Expected', { steps });
  const sum = page.locator('.expected.sum');
  await sum.waitFor();
  assert.match(await sum.innerText(), /^3 of 4 expectations hold\./);
  const failed = page.locator('#ops .expected');
  assert.equal(await failed.count(), 1);
  assert.match(await failed.innerText(), /^✗? ?mm_page_alloc happened 3 times, expected 4/);
  assert.equal(await failed.evaluate((element) => element.closest('[data-op]').dataset.op), '1');
  await sum.locator('button').click();
  await page.locator('.op.now .expected').waitFor();
  await page.click('#lang-zh');
  assert.match(await sum.innerText(), /^4 项期望中 3 项成立。/);
  assert.match(await failed.innerText(), /mm_page_alloc 发生了 3 次，应当是 4 次/);
  await openOwn(page, 'Held 中', { title: { en: 'Held', zh: 'Held 中' }, steps: steps.slice(0, 1) });
  await page.locator('.expected.sum.holds').waitFor();
  assert.equal(await sum.innerText(), '2 项期望中 2 项成立。');
  await page.reload();
  await loaded(page);
  await page.locator('.expected.sum.holds').waitFor();
}));
