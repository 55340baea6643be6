// Questions as a person meets them: with the mouse, with keys, by pointing at the picture, in either language; and what
// the page tells whoever embeds it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { teachToAnswer } from './answering.mjs';
import { clickInCanvas, open, openView, pressInCanvas, waitAtRest, withPage } from './harness.mjs';
import { wholePage } from './whole-page.mjs';

// Sixteen pages are asked for, and there are enough: the engine says so.
const SCENARIO = JSON.stringify({
  format: 'mmscope/1',
  title: { en: 'Questions', zh: '问题' },
  machine: { profile: { arch: 'x86_64', memory: '64MiB' } },
  steps: [
    { op: 'alloc_page', as: 'first', note: { en: 'No question here.', zh: '这里没有问题。' } },
    {
      op: 'alloc_pages', order: 4, as: 'a',
      note: { en: 'It tells the answer.', zh: '这里说出答案。' },
      question: {
        text: { en: 'Is there such a block?', zh: '有这样的块吗？' },
        choices: [
          { text: { en: 'No', zh: '不' }, when: { no_events: ['mm_page_alloc'] } },
          { text: { en: 'Yes', zh: '有' }, when: { events: ['mm_page_alloc'] } },
        ],
      },
    },
    { op: '__free_pages', page: 'a', question: { text: 'Which page comes back?', ask: 'page' } },
    {
      op: 'alloc_pages', order: 3, as: 'b',
      question: { text: 'How many blocks does it get?', ask: 'number', answer: { events: { page_prep: '?' } } },
    },
  ],
});

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const text = (page, selector) => page.locator(selector).innerText();
const step = (page) => page.locator('#goto').inputValue();
const question = (op) => `.question[data-op="${op}"]`;
const heard = (page) => page.evaluate(() => window.__heard);

async function load(frame) {
  await frame.evaluate(async (source) => {
    const { app } = await import(new URL('js/main.js', location.href));
    const error = await app.loadText('own', source);
    if (error) throw new Error(`${error.path}: ${error.message.en}`);
    window.__app = app;
    window.__heard = [];
    window.addEventListener('mmscope:answer', (event) => window.__heard.push(event.detail));
  }, SCENARIO);
}

const asking = (options, body) => withPage(options, async (opened, context) => {
  await loaded(opened.page);
  await load(opened.page);
  await body(opened, context);
});

test('a question stands before its step, hides the note of the step, and is told right or wrong', asking({}, async ({ page }) => {
  assert.equal(await page.locator('.question', { visible: true }).count(), 0, 'the first step asks nothing');
  await page.click('#go-next');
  await page.locator(question(1)).waitFor();
  assert.equal(await page.locator('.question', { visible: true }).count(), 1);
  assert.equal(await page.locator('[data-op="1"] > .note').isVisible(), false);

  await page.click(`${question(1)} button[type=submit]`);
  assert.match(await text(page, `${question(1)} .result`), /Choose one/);
  assert.deepEqual(await heard(page), []);

  await page.locator(`${question(1)} label`, { hasText: 'No' }).click();
  await page.click(`${question(1)} button[type=submit]`);
  assert.match(await text(page, `${question(1)} .result`), /Not so\. The answer is Yes[^]*mm_page_alloc/);
  assert.ok(await page.locator('[data-op="1"] > .note').isVisible());
  await page.locator(`${question(1)} label`, { hasText: 'Yes' }).click();
  await page.click(`${question(1)} button[type=submit]`);
  assert.match(await text(page, `${question(1)} .result`), /Right\./);
  const asked = { scenario: 'own', step: 1, at: '2', question: 0, kind: 'choices', choices: 2, solution: '1', right: 'Yes' };
  assert.deepEqual(await heard(page), [
    { ...asked, correct: false, attempt: 1, value: '0', response: 'No' },
    { ...asked, correct: true, attempt: 2, value: '1', response: 'Yes' }]);
  assert.equal(await step(page), '1', 'answering does not step');
  assert.equal(await page.locator(`${question(1)} [role=status]`).getAttribute('aria-live'), 'polite');
}));

test('where there is little room what is said of the answer comes into sight', asking(
  { viewport: { width: 480, height: 320 }, touch: true, mobile: true }, async ({ page }) => {
    await wholePage(page);
    const inSight = () => page.locator(`${question(1)} .result`).evaluate((result) => {
      const panel = document.getElementById('steps').getBoundingClientRect();
      const { top, height } = result.querySelector('p').getBoundingClientRect();
      return height > 0 && top >= panel.top && top + Math.min(height, 20) <= panel.bottom;
    });
    await page.click('#go-next');
    await page.locator(question(1)).waitFor();
    await page.click(`${question(1)} button[type=submit]`);
    assert.match(await text(page, `${question(1)} .result`), /Choose one/);
    assert.ok(await inSight(), 'that nothing was chosen');
    await page.locator(`${question(1)} label`, { hasText: 'No' }).click();
    await page.click(`${question(1)} button[type=submit]`);
    assert.match(await text(page, `${question(1)} .verdict`), /Not so/);
    assert.ok(await inSight(), 'the verdict');
  }));

test('while a question is open the text of the scenario is folded, until it is asked for or the question is answered', asking({}, async ({ page }) => {
  await page.click('#tab-source');
  assert.match(await page.locator('#source pre').textContent(), /"answer"/);
  await page.click('#go-next');
  await page.locator(question(1)).waitFor();
  assert.equal(await page.locator('#source pre').count(), 0, 'not in the page at all');
  assert.match(await text(page, '#source'), /A question is open/);
  await page.click('#source-anyway');
  assert.match(await page.locator('#source pre').textContent(), /"choices"/);
  await page.evaluate(() => window.__app.seek(2));
  await page.locator(question(2)).waitFor();
  assert.equal(await page.locator('#source pre').count(), 0, 'the next question folds it again');
  await page.locator(`${question(2)} input`).fill('0x1');
  await page.click(`${question(2)} button[type=submit]`);
  assert.match(await page.locator('#source pre').textContent(), /"answer"/);
}));

test('nobody has to answer: the step shows it, and its note', asking({}, async ({ page }) => {
  await page.click('#go-next');
  assert.match(await text(page, `${question(1)} .hint`), /step on/);
  await page.click('#go-next');
  assert.equal(await step(page), '2');
  assert.ok(await page.locator('[data-op="1"] > .note').isVisible());
  assert.ok(await page.locator(question(2)).isVisible(), 'the next question is there');
  await page.click('#go-next');
  assert.equal(await page.locator(question(1)).isVisible(), false);
}));

test('a question is answered with keys alone, and its keys do not step', asking({}, async ({ page }) => {
  await page.keyboard.press('ArrowRight');
  await page.locator(`${question(1)} input`).first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  assert.ok(await page.locator(`${question(1)} input`).nth(1).isChecked());
  await page.keyboard.press('Enter');
  assert.match(await text(page, `${question(1)} .result`), /Right\./);
  assert.equal(await step(page), '1');
}));

test('a number is written, and what is no number is said', asking({}, async ({ page }) => {
  for (let i = 0; i < 3; ++i) await page.click('#go-next');
  const field = page.locator(`${question(3)} input`);
  await field.fill('many');
  await field.press('Enter');
  assert.match(await text(page, `${question(3)} .result`), /no number/);
  await field.fill('1000');
  await field.press('Enter');
  const told = await text(page, `${question(3)} .result`);
  const right = /The answer is (\d+)/.exec(told);
  assert.ok(right, told);
  await field.fill(right[1]);
  await field.press('Enter');
  assert.match(await text(page, `${question(3)} .result`), /Right\./);
  await page.click('#go-next');
  const blocks = await page.locator('.event .fn', { hasText: /^prep_new_page$/ }).count();
  assert.equal(String(blocks), right[1], 'the events of the step, counted');
}));

test('a page is answered by its number, and the answer leads to it', asking({}, async ({ page }) => {
  await page.click('#go-next');
  await page.click('#go-next');
  const field = page.locator(`${question(2)} input`);
  await field.fill('0x1');
  await page.click(`${question(2)} button[type=submit]`);
  assert.match(await text(page, `${question(2)} .result`), /The answer is 0x/);
  const right = await page.locator(`${question(2)} .result .ref`).first().innerText();
  await field.fill(right);
  await field.press('Enter');
  assert.match(await text(page, `${question(2)} .result`), /Right\./);
  await page.locator(`${question(2)} .result .ref[data-place^="pfn:"]`).first().click();
  assert.equal(await page.evaluate(() => window.__app.state.select), `pfn:${right.slice(2)}`);
}));

// The map follows what was touched last, so its middle is in a block of the machine.
test('a page is answered by pointing at it in the map, again when it is selected already', asking({}, async ({ page, canvas }) => {
  await page.click('#go-next');
  await page.click('#go-next');
  await openView(page, 'map');
  await waitAtRest(page);
  const field = page.locator(`${question(2)} input`);
  const { width, height } = await canvas.boundingBox();
  await clickInCanvas(page, canvas, width / 2, height / 2);
  await page.waitForFunction((q) => document.querySelector(`${q} input`).value !== '', question(2));
  const pointed = await field.inputValue();
  assert.equal(await page.evaluate(() => window.__app.state.select), `pfn:${pointed.slice(2)}`);
  await field.fill('');
  await clickInCanvas(page, canvas, width / 2, height / 2);
  await page.waitForFunction((q) => document.querySelector(`${q} input`).value !== '', question(2));
  assert.equal(await field.inputValue(), pointed);
  const right = await page.evaluate(() => window.__app.engine.answer(2, '0x1').right);
  await page.click(`${question(2)} button[type=submit]`);
  assert.equal(await page.locator(question(2)).getAttribute('data-correct'), String(pointed === right), `${pointed}, right is ${right}`);
  assert.match(await text(page, `${question(2)} .result`), pointed === right ? /^Right\./ : /^Not so\./);
}));

// The picture does not tell where an object is drawn: a person sees it, the test tries places from left to right, row
// by row, until what is pointed at is the right answer.
async function pointUntil(page, canvas, wanted) {
  const { width, height } = await canvas.boundingBox();
  for (let y = 100; y < height - 8; y += 11) {
    for (const x of [40, 66, 96, 120, 146, 172, 224, 276, 330, 400, 470, 540].filter((at) => at < width - 20)) {
      await clickInCanvas(page, canvas, x, y);
      if (await page.evaluate(() => window.__app.state.select) === wanted) return true;
      if (await page.evaluate(() => window.__app.state.view !== window.__view)) return false;
    }
  }
  return false;
}

for (const [name, scenario, op, view, locale] of [
  ['the slab of a CPU', '12-slub-paths', 7, 'cache', 'en-US'],
  ["an array of SLAB's", '22-slab-array-cache', 8, 'cache', 'zh-CN'],
  ['the bytes of a slab', '20-freelist-random', 15, 'slab', 'en-US'],
]) {
  test(`an object is answered by pointing at it in ${name}, and the answer is right`, withPage({ locale, query: `#s=${scenario}&step=${op}&view=${view}` }, async ({ page, canvas }) => {
    await loaded(page);
    const right = await page.evaluate(async (at) => {
      const { app } = await import(new URL('js/main.js', location.href));
      window.__app = app;
      window.__view = app.state.view;
      return app.engine.answer(at, '0x40000000').place ?? '';
    }, op);
    assert.match(right, /^object:/);
    await waitAtRest(page);
    assert.ok(await pointUntil(page, canvas, right), `${right} can be pointed at`);
    assert.equal(await page.locator(`${question(op)} input`).inputValue(), await page.evaluate(() => window.__app.state.pointer));
    await page.click(`${question(op)} button[type=submit]`);
    assert.match(await text(page, `${question(op)} .result`), /Right\.|正确。/);
  }));
}

// Enter gives the arrow keys to the picture, arrows go from object to object, Enter selects, Escape gives the keys back.
for (const [name, scenario, op, view, locale] of [
  ['the slab of a CPU', '12-slub-paths', 7, 'cache', 'zh-CN'],
  ["an array of SLAB's", '22-slab-array-cache', 8, 'cache', 'en-US'],
  ['the bytes of a slab', '20-freelist-random', 15, 'slab', 'en-US'],
]) {
  test(`an object is answered with keys alone in ${name}`, withPage({ locale, query: `#s=${scenario}&step=${op}&view=${view}` }, async ({ page, canvas }) => {
    await loaded(page);
    const right = await page.evaluate(async (at) => {
      const { app } = await import(new URL('js/main.js', location.href));
      window.__app = app;
      return app.engine.answer(at, '0x40000000').place ?? '';
    }, op);
    await waitAtRest(page);
    const before = await step(page);
    await canvas.focus();
    const press = (key) => pressInCanvas(page, key);
    await press('Enter');
    let found = false;
    for (let i = 0; i < 150 && !found; ++i) {
      await press('Enter');
      found = await page.evaluate(() => window.__app.state.select) === right;
      if (!found) await press('ArrowRight');
    }
    assert.ok(found, `${right} can be reached`);
    assert.equal(await step(page), before, 'the arrow keys do not step');
    await press('Escape');
    const field = page.locator(`${question(op)} input`);
    assert.equal(await field.inputValue(), await page.evaluate(() => window.__app.state.pointer));
    await field.focus();
    await page.keyboard.press('Enter');
    assert.match(await text(page, `${question(op)} .result`), /Right\.|正确。/);
    await canvas.focus();
    await press('ArrowRight');
    assert.equal(await step(page), String(Number(before) + 1), 'they do again');
  }));
}

// SLOB has no slabs, so some questions of this lesson have no answer there: they are not asked.
for (const allocator of ['slab', 'slob']) {
  test(`the lesson of three allocators asks only what has an answer with ${allocator}`, withPage({}, async ({ page }) => {
    await loaded(page);
    const { asked, left, problems } = await page.evaluate(async (name) => {
      const { app } = await import(new URL('js/main.js', location.href));
      const source = await (await fetch('scenarios/25-three-allocators.json')).text();
      const error = await app.loadText('own', source.replace('"allocator": "slub"', `"allocator": "${name}"`));
      if (error) throw new Error(error.message.en);
      const out = { asked: 0, left: 0, problems: [] };
      const { ops } = app.engine.ops(0, 1000);
      for (const [op, { question }] of ops.entries()) {
        if (!question) continue;
        app.seek(op);
        const box = document.querySelector(`.question[data-op="${op}"]`);
        const reply = app.engine.answer(op, '-77');
        if (!box) {
          out.left += 1;
          if (!reply.error) out.problems.push(`${op} is not asked, though the answer is ${reply.right}`);
          continue;
        }
        out.asked += 1;
        if (reply.error) out.problems.push(`${op} is asked, but ${reply.error.message.en}`);
        else if (reply.explanation.length === 0) out.problems.push(`${op}: nothing explains ${reply.right}`);
      }
      return out;
    }, allocator);
    assert.deepEqual(problems, []);
    assert.equal(asked + left, 4);
    assert.equal(left, allocator === 'slob' ? 4 : 0);
  }));
}

test('an answer stays when the language changes', asking({ locale: 'zh-CN' }, async ({ page }) => {
  await page.click('#go-next');
  assert.match(await text(page, question(1)), /问题。 有这样的块吗？/);
  await page.locator(`${question(1)} label`, { hasText: '有' }).click();
  await page.click(`${question(1)} button[type=submit]`);
  assert.match(await text(page, `${question(1)} .result`), /正确。/);
  await page.click('#lang-en');
  assert.match(await text(page, `${question(1)} .result`), /Right\./);
  assert.ok(await page.locator(`${question(1)} input`).nth(1).isChecked());
  assert.equal((await heard(page)).length, 1, 'it was answered once');
}));

// In the page itself: a round trip a question would take minutes.
async function answerAll() {
  const { app } = await import(new URL('js/main.js', location.href));
  const problems = [];
  let asked = 0;
  const told = (box) => box.querySelector('.result').textContent;

  for (const { id } of app.index) {
    await app.open(id);
    for (let first = 0; first < app.state.steps; first += 1000) {
      for (const [i, { question }] of app.engine.ops(first, 1000).ops.entries()) {
        if (!question) continue;
        asked += 1;
        const op = first + i;
        app.seek(op);
        const box = document.querySelector(`.question[data-op="${op}"]`);
        const place = `${id} op ${op}`;
        if (!box || box.offsetParent === null) {
          problems.push(`${place}: not there before its step`);
          continue;
        }
        const { right } = app.engine.answer(op, '?');
        for (const correctly of [false, true]) {
          const misfit = window.__fillIn(box, question.kind, right, correctly);
          if (misfit) problems.push(`${place}: ${misfit}`);
          box.requestSubmit();
          if (box.dataset.correct !== String(correctly)) problems.push(`${place}: ${correctly ? 'the right' : 'a wrong'} answer: ${told(box)}`);
          if (correctly) continue;
          if (!told(box).includes(right)) problems.push(`${place}: the right answer ${right} is not told: ${told(box)}`);
          if (box.querySelectorAll('.result p').length < 2) problems.push(`${place}: nothing explains it`);
        }
      }
    }
  }
  return { asked, problems };
}

for (const locale of ['en-US', 'zh-CN']) {
  test(`every question of every lesson takes its right answer and refuses a wrong one, ${locale}`, withPage({ locale }, async ({ page }) => {
    await loaded(page);
    await teachToAnswer(page);
    const { asked, problems } = await page.evaluate(answerAll);
    assert.deepEqual(problems, []);
    assert.ok(asked > 50, `${asked} questions`);
  }));
}

test('who embeds the page hears of the answer', async () => {
  const opened = await open({
    query: 'embed.html',
    ready: false,
    prepare: async (page) => {
      await page.addInitScript(() => {
        window.__messages = [];
        window.addEventListener('message', (event) => window.__messages.push(event.data));
      });
      await page.route('**/embed.html', (route) => route.fulfill({
        contentType: 'text/html',
        body: '<!doctype html><title>embed</title><iframe src="./" width="1200" height="780"></iframe>',
      }));
    },
  });
  try {
    await opened.page.locator('iframe').waitFor();
    const frame = opened.page.frames().find((one) => one !== opened.page.mainFrame());
    await frame.waitForFunction(() => document.documentElement.dataset.loaded === '1', undefined, { timeout: 30_000 });
    await load(frame);
    await frame.click('#go-next');
    await frame.locator(`${question(1)} label`, { hasText: 'Yes' }).click();
    await frame.click(`${question(1)} button[type=submit]`);
    const answers = () => opened.page.evaluate(() => window.__messages.filter(({ type }) => type === 'mmscope:answer'));
    await opened.page.waitForFunction(() => window.__messages.some(({ type }) => type === 'mmscope:answer'));
    assert.deepEqual(await answers(), [{
      type: 'mmscope:answer', version: 1, scenario: 'own', step: 1, at: '2', correct: true, question: 0, attempt: 1,
      kind: 'choices', choices: 2, value: '1', response: 'Yes', solution: '1', right: 'Yes',
    }]);
    assert.deepEqual(opened.problems, []);
  } finally {
    await opened.close();
  }
});

test('a link to behind a question does not ask it beside its answer, and it counts as open until it is asked', withPage(
  { query: '#s=66-fork-copy-on-write&at=9' }, async ({ page }) => {
    await loaded(page);
    await page.locator(question(9)).waitFor();
    assert.ok(await page.locator(question(8)).isHidden(), 'the step has been made: the picture tells');
    const state = () => page.evaluate(async () => {
      const { app } = await import(new URL('js/main.js', location.href));
      return app.questions.results().find(({ op }) => op === 8).state;
    });
    assert.equal(await state(), 'open');
    await page.click('#go-last');
    await page.locator('#result').waitFor();
    assert.match(await text(page, '#result .sum'), /^0\D+8\D/);
    await page.click('#go-first');
    for (let presses = 0; presses < 8; ++presses) await page.click('#go-next');
    await page.locator(question(8)).waitFor();
    assert.equal(await state(), 'open', 'before the step it is asked');
    await page.click('#go-next');
    assert.equal(await state(), 'shown');
    assert.ok(await page.locator(question(8)).isVisible());
  }));
