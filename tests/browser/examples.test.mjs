// Host pages of web/examples/, one for each tool: what a teacher pastes is what stands in the page, and its frame works there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { open, withPage } from './harness.mjs';
import { until } from './host-page.mjs';

const EXAMPLES = fileURLToPath(new URL('../../web/examples/', import.meta.url));
const read = (name) => readFileSync(join(EXAMPLES, name), 'utf8');
const plain = (text) => text.replaceAll('https://example.org/mmscope/', '../../').replaceAll(/\s+/g, ' ').replaceAll(/ ?\/?>(<\/mm-scope>)?/g, '>').trim();
const notebook = JSON.parse(read('jupyter/lesson.ipynb'));

// tool → [its source, where the frame stands, the language]
const TOOLS = {
  plain: ['snippet.html', '02-buddy 3 free-lists', 'en'],
  moodle: ['snippet.html', '05-pcp 2 pcp', 'zh'],
  sphinx: ['lesson.rst', '02-buddy 3 free-lists', 'en'],
  mkdocs: ['lesson.md', '32-one-walk 2 address', 'zh'],
  docusaurus: ['lesson.mdx', '02-buddy 7 free-lists', 'en'],
  jupyter: ['lesson.ipynb', '05-pcp 1 pcp', 'en'],
};

for (const [tool, [source, place, language]] of Object.entries(TOOLS)) {
  test(`${tool}: the page has what the source has, and the frame works`, async () => {
    const text = tool === 'jupyter' ? notebook.cells[1].outputs[0].data['text/html'].join('') : read(`${tool}/${source}`);
    const [embedded] = /<(iframe|mm-scope)[^>]*>/.exec(text);
    assert.ok(plain(read(`${tool}/index.html`)).includes(plain(embedded)), embedded);
    if (/mm-scope/.test(text)) assert.match(text, /https:\/\/example\.org\/mmscope\/embed\/mm-scope\.js/, 'the script is named');

    const opened = await open({ query: `examples/${tool}/index.html`, viewport: { width: 900, height: 900 }, ready: false });
    try {
      const { page, problems } = opened;
      const frame = await until('the frame', () => page.frames().find((one) => /embed\.html#/.test(one.url())));
      await until('the page in it', () => frame.evaluate(() => document.documentElement.dataset.loaded === '1').catch(() => false));
      assert.equal(await frame.evaluate(async () => {
        const { app } = await import(new URL('js/main.js', location.href));
        return `${app.scenario.id} ${app.state.at} ${app.state.view}`;
      }), place);
      assert.equal(await frame.evaluate(() => document.documentElement.lang.slice(0, 2)), language);
      assert.deepEqual(await frame.evaluate(() => [...document.querySelectorAll('#notice')].map((box) => box.hidden)), [true], 'nothing is complained of');
      const box = await page.evaluate(() => document.querySelector('iframe, mm-scope').getBoundingClientRect().toJSON());
      assert.ok(box.width > 300 && box.height >= 400, JSON.stringify(box));
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing to scroll sideways');
      const title = await page.evaluate(() => (document.querySelector('iframe') ?? document.querySelector('mm-scope').shadowRoot.querySelector('iframe')).title);
      assert.ok(title.length > 5, 'it has a name');
      assert.deepEqual(problems, []);
    } finally {
      await opened.close();
    }
  });
}

test('the list of examples shows each source, and leads to each page', withPage({ query: 'examples/index.html', viewport: { width: 390, height: 844 }, ready: false }, async ({ page }) => {
  for (const [tool, [source]] of Object.entries(TOOLS)) {
    const shown = await page.locator(`#${tool} pre`).textContent();
    const text = tool === 'jupyter' ? notebook.cells[1].source.join('') : read(`${tool}/${source}`);
    assert.equal(shown.trim(), text.trim(), tool);
    const links = await page.locator(`#${tool} a`).evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    assert.deepEqual(links, [`${tool}/index.html`, `${tool}/${source}`]);
    for (const link of links) assert.equal(await page.evaluate(async (to) => (await fetch(to)).status, link), 200, link);
  }
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
}));

test('the plain page hears answers', async () => {
  const opened = await open({ query: 'examples/plain/index.html', ready: false });
  try {
    const { page } = opened;
    const frame = await until('the frame', () => page.frames().find((one) => /embed\.html#/.test(one.url())));
    await until('the page in it', () => frame.evaluate(() => document.documentElement.dataset.loaded === '1').catch(() => false));
    await frame.evaluate(async () => {
      const { app } = await import(new URL('js/main.js', location.href));
      app.seek(app.questions.all[0][0]);
      const form = document.querySelector('.question:not([hidden])');
      form.querySelector('input[type=radio]').checked = true;
      form.requestSubmit();
    });
    await until('a line', () => page.evaluate(() => /^step 4 of 02-buddy: (right|wrong)$/.test(document.querySelector('#answers').textContent)));
  } finally {
    await opened.close();
  }
});
