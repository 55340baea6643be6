// What comes from elsewhere, as links, files and texts, may be of any length and hold any character: the page says so in a
// sentence, stays as it was, and keeps its shape.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertClean, open, withPage } from './harness.mjs';
import { wholePage } from './whole-page.mjs';

const BUDDY = '#s=02-buddy&step=2';
const TOLD_MAX = 620;  // characters of a notice, with what is cut

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const onPage = (options, body) => withPage({ query: BUDDY, ...options }, async (opened) => {
  await loaded(opened.page);
  await body(opened);
});
const notice = (page) => page.locator('#notice');
const told = (page) => page.locator('#notice-text').textContent();
const step = (page) => page.locator('#goto').inputValue();
const toHash = (page, link) => page.evaluate((to) => { location.hash = to; }, link);
const linkHas = (page, piece) => page.waitForFunction((p) => location.hash.split(/[#&]/).includes(p), piece);

const CHOOSE = (text) => ({ text, choices: [
  { text, when: { events: ['mm_page_alloc'] } }, { text: 'no page', when: { outcome: 'returned_null' } }] });
const scenario = (more) => JSON.stringify({
  format: 'mmscope/1',
  title: 'Mine',
  machine: { profile: { name: 'small', arch: 'x86_64', kernel: '6.1', memory: '64MiB', cpus: 1 } },
  steps: [{ op: 'alloc_pages', order: 2, gfp: 'GFP_KERNEL', as: 'a' }],
  ...more,
});

async function paste(page, text) {
  await page.evaluate(async (own) => {
    const { app } = await import(new URL('js/main.js', location.href));
    const error = await app.loadText('own', own);
    if (error) throw new Error(JSON.stringify(error));
  }, text);
}

// ---- links ----------------------------------------------------------------------------------------------------------

const LONG_LINKS = {
  'of nothing but parts': 'a&'.repeat(500_000),
  'with a good beginning': `s=05-pcp&step=3&${'view=map&'.repeat(100_000)}`,
  'of one long part': `s=${'x'.repeat(1_000_000)}`,
  'of percent signs': '%E8%AF%AD'.repeat(100_000),
};

for (const [name, link] of Object.entries(LONG_LINKS)) {
  test(`a long link ${name} is refused where it is set, and the page stays`, onPage({}, async ({ page }) => {
    await toHash(page, `#${link}`);
    await notice(page).waitFor();
    assert.match(await told(page), /more than 4,096 characters/);
    assert.ok((await told(page)).length < TOLD_MAX);
    assert.equal(await step(page), '2');
    await linkHas(page, 's=02-buddy');
    assert.ok((await page.evaluate(() => location.hash)).length < 200, 'the address is that of what is shown');
    await toHash(page, '#s=02-buddy&step=3');
    await page.waitForFunction(() => document.querySelector('#goto').value === '3');
    assert.ok(await notice(page).isHidden(), 'a good link takes the complaint away');
  }));
}

test('a long link that the page is opened with is refused, and the first lesson is there', async () => {
  const opened = await open({ query: `#${LONG_LINKS['of nothing but parts']}` });
  try {
    await loaded(opened.page);
    assert.match(await told(opened.page), /more than 4,096 characters/);
    await linkHas(opened.page, 's=02-buddy');
    await assertClean(opened);
  } finally {
    await opened.close();
  }
});

test('of many complaints three are told in full, and all go with a good link', onPage({ query: `${BUDDY}&${'a&'.repeat(1000)}` }, async ({ page }) => {
  assert.equal((await told(page)).match(/“a”/g).length, 3);
  assert.match(await told(page), /And 997 more\.$/);
  await page.click('#lang-zh');
  await toHash(page, `#s=02-buddy&lang=zh&${'b=1&'.repeat(5)}`);
  await page.waitForFunction(() => document.querySelector('#notice-text').textContent.includes('“b=1”'));
  assert.match(await told(page), /此外还有 2 处。$/);
  await toHash(page, '#s=02-buddy&step=1&lang=zh');
  await page.waitForFunction(() => document.querySelector('#goto').value === '1');
  assert.ok(await notice(page).isHidden());
}));

test('a complaint about a link goes when something else is opened', onPage({ query: `${BUDDY}&nonsense` }, async ({ page }) => {
  await notice(page).waitFor();
  await page.click('#lessons summary');
  await page.click('#gallery [data-scenario="05-pcp"]');
  await linkHas(page, 's=05-pcp');
  assert.ok(await notice(page).isHidden());
  await toHash(page, '#s=05-pcp&nonsense');
  await notice(page).waitFor();
  await paste(page, scenario());
  assert.ok(await notice(page).isHidden());
}));

test('a complaint about something else stays', async () => {
  const opened = await open({
    query: BUDDY,
    prepare: (page) => page.route('**/scenarios/index.json', (route) => route.fulfill({ status: 200, body: 'no list' })),
  });
  try {
    await loaded(opened.page);
    assert.match(await told(opened.page), /list of lessons could not be read/);
    await toHash(opened.page, '#s=02-buddy&step=3');
    await opened.page.waitForFunction(() => document.querySelector('#goto').value === '3');
    assert.ok(await notice(opened.page).isVisible());
  } finally {
    await opened.close();
  }
});

// ---- files and texts ------------------------------------------------------------------------------------------------

const file = (name, buffer) => ({ name, mimeType: 'application/json', buffer });

test('a file that cannot be a scenario is refused by a short name in which nothing hides', onPage({}, async ({ page }) => {
  const name = `\u202egpj.${'n'.repeat(180)}`;
  await page.setInputFiles('#file', file(name, Buffer.alloc((4 << 20) + 1, 32)));
  await notice(page).waitFor();
  assert.match(await told(page), /^\\u202egpj\.n+… has 4\.0 MiB\. A scenario has at most 4 MiB\.$/);
  assert.ok((await told(page)).length < 150);
  await page.setInputFiles('#file', file('latin.json', Buffer.from('{"title": "Gr\xf6\xdfe"}', 'latin1')));
  await page.waitForFunction(() => /latin/.test(document.querySelector('#notice-text').textContent));
  assert.equal(await told(page), 'latin.json is not text in UTF-8, as a scenario is.');
  await page.evaluate(() => { Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException('It is a folder.', 'NotReadableError')); });
  await page.setInputFiles('#file', file('folder', Buffer.from('{}')));
  await page.waitForFunction(() => /folder/.test(document.querySelector('#notice-text').textContent));
  assert.equal(await told(page), 'folder could not be read: It is a folder.');
  assert.equal(await step(page), '2', 'what was open still is');
}));

test('the name of a file with a mistake stands in the dialog, short and without what hides', onPage({}, async ({ page }) => {
  await page.setInputFiles('#file', file(`\u2067evil\u200b${'m'.repeat(150)}.json`, Buffer.from('[1]')));
  const title = page.locator('#dialog-title');
  await title.waitFor();
  assert.match(await title.textContent(), /^\\u2067evil\\u200bm+…$/);
  const dialog = await page.locator('#dialog').evaluate((d) => [d.scrollWidth, d.clientWidth]);
  assert.ok(dialog[0] <= dialog[1], `${dialog}`);
}));

async function pasteByHand(page, text) {
  if (!await page.locator('#paste').isVisible()) await page.click('#lessons summary');
  await page.click('#paste');
  await page.locator('#paste-text').evaluate((area, value) => { area.value = value; }, text);
  await page.click('#paste-load');
  await page.locator('#paste-error p').first().waitFor();
  return page.locator('#paste-error').innerText();
}

test('a pasted text over 4 MiB is refused', onPage({}, async ({ page }) => {
  assert.match(await pasteByHand(page, `{"x": "${'y'.repeat(5 << 20)}"}`), /^The text has 5\.0 MiB\. A scenario has at most 4 MiB\./);
}));

test('a mistake at the end of a very long line is shown with its place, and a character that is not seen by its number', onPage({}, async ({ page }) => {
  const long = await pasteByHand(page, `{"title": "${'语'.repeat(300_000)}", oops}`);
  assert.match(long, /^Line 1, column \d+: /);
  assert.ok(long.length < 1000, `${long.length} characters`);
  await page.keyboard.press('Escape');
  assert.match(await pasteByHand(page, '{\n\u200b"title": "x"}'), /Line 2, column 1: /);
  assert.equal(await page.locator('.error-place mark').textContent(), '\\u200b');
}));

for (const [what, text, place] of [
  ['of millions of lines', `{${'\n'.repeat(3_000_000)}oops}`, /^Line 3000001, column 1: /],
  ['of one line of millions of characters', `{"x": "${'y'.repeat(3_000_000)}" oops}`, /^Line 1, column 3000010: /],
]) {
  test(`a file ${what} that has a mistake is told, and not put into a field`, onPage({}, async ({ page }) => {
    await page.setInputFiles('#file', file('long.json', Buffer.from(text)));
    await page.locator('#paste-error p').first().waitFor();
    assert.match(await page.locator('#paste-error').innerText(), place);
    assert.match(await page.locator('#dialog').innerText(), /too long to be changed here/);
    assert.equal(await page.locator('textarea').count(), 0);
    await page.keyboard.press('Escape');
    assert.equal(await step(page), '2');
  }));
}

test('a scenario that is too long to be changed here is loaded and shown', onPage({}, async ({ page }) => {
  await paste(page, scenario() + ' '.repeat(2 << 20));
  await page.click('#tab-source');
  await page.click('#change-source');
  assert.match(await page.locator('#dialog').innerText(), /too long to be changed here/);
  assert.equal(await page.locator('textarea').count(), 0);
}));

test('what a person can write in a field has a limit', onPage({ query: '#s=02-buddy' }, async ({ page }) => {
  await page.click('#tab-what');
  const fields = await page.locator('input').evaluateAll((inputs) => inputs
    .filter((input) => ['text', 'search'].includes(input.type)).map((input) => [input.id, input.maxLength]));
  assert.ok(fields.length >= 4, JSON.stringify(fields));
  for (const [id, most] of fields) assert.ok(most > 0 && most <= 200, `${id}: ${most}`);
}));

test('of a long file in /proc the first lines are shown', onPage({}, async ({ page }) => {
  await paste(page, scenario({ steps: [{ repeat: { count: 4500, steps: [{ op: 'vmalloc', size: 4096 }] } }] }));
  await page.click('#go-last');
  await page.click('#tab-proc');
  await page.locator('#proc button', { hasText: 'vmallocinfo' }).click();
  assert.match(await page.locator('#proc').innerText(), /These are the first 4,000 lines; Copy takes all\./);
  assert.equal(await page.locator('#proc pre').evaluate((pre) => pre.textContent.trimEnd().split('\n').length), 4000);
}));

// ---- titles and words -----------------------------------------------------------------------------------------------

test('nothing that is not seen, or that turns the line, gets into the title', onPage({}, async ({ page }) => {
  const evil = 'a\u202eb\u2066c\u200bd\u009be\u007ff';
  const shown = 'a\\u202eb\\u2066c\\u200bd\\u009be\\u007ff';
  await paste(page, scenario({ title: evil, notes: evil, steps: [{
    op: 'alloc_pages', order: 2, gfp: 'GFP_KERNEL', as: 'a', note: evil,
    question: CHOOSE(evil),
  }] }));
  assert.equal(await page.title(), `${shown} · mmscope`);
  assert.equal(await page.locator('#title').textContent(), shown);
  assert.ok(await page.locator('#gallery [aria-current]').textContent().then((text) => text.includes(shown)));
  await page.click('#go-next');  // the note waits for the answer, or for the step
  for (const place of ['#lesson-notes', '.question legend', '.question .choice', '.op .note']) {
    assert.ok((await page.locator(place).first().textContent()).includes(shown) || (await page.locator(place).last().textContent()).includes(shown), place);
  }
  const body = await page.evaluate(() => document.body.innerText);
  assert.doesNotMatch(body.replaceAll('\n', ' ').replaceAll('\t', ' '), /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f]/);
}));

const WORD = 'w'.repeat(200);
const LONG_WORDS = scenario({
  title: WORD, summary: WORD, notes: `${WORD}${WORD}`,
  steps: [
    { op: 'kmem_cache_create', name: 'c'.repeat(40), size: 64, as: 'b'.repeat(40), note: `${WORD}${WORD}` },
    { op: 'alloc_pages', order: 2, gfp: 'GFP_KERNEL', as: 'a', note: WORD, question: CHOOSE(WORD) },
  ],
});

for (const [width, height] of [[1280, 800], [900, 700], [480, 320], [360, 740], [320, 568]]) {
  test(`a word of 200 characters pushes nothing out of reach, ${width} × ${height}`, onPage({ viewport: { width, height } }, async ({ page }) => {
    await wholePage(page);
    await paste(page, LONG_WORDS);
    await page.click('#go-next');
    await toHash(page, `#s=own&step=1&sel=cache:${'w'.repeat(80)}`);
    await notice(page).waitFor();
    const out = await page.evaluate((edge) => [...document.querySelectorAll('.bar button, .dock button, .notice button, #panel-tabs, #canvas')]
      .filter((element) => element.offsetParent !== null)
      .map((element) => ({ id: element.id, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.left < 0 || box.right > edge + 0.5)).map(({ id, box }) => `${id} ${box.left}–${box.right}`), width);
    assert.deepEqual(out, [], 'every button is in the window');
    for (const tab of ['lessons', 'steps', 'inspect', 'source']) {
      const button = page.locator(`#tab-${tab}`);
      if (await button.isVisible()) await button.click();
      const wide = await page.locator(`#${tab}`).evaluate((panel) => [...panel.querySelectorAll('*')]
        .filter((element) => element.closest('pre') === null && element.getBoundingClientRect().right > panel.getBoundingClientRect().right + 0.5)
        .map((element) => `${element.tagName}.${element.className}`));
      assert.deepEqual(wide, [], `in ${tab} words are broken`);
    }
  }));
}
