// Questions of each kind by keys and by touch, what is veiled while one is open, and the result at the end of a lesson.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCode, versionOf, writeCode } from '../../web/embed/result-code.js';
import { clickInCanvas, waitAtRest, withPage } from './harness.mjs';
import { wholePage } from './whole-page.mjs';

// x86_64 with 64 MiB: every block of order 10 that is free is Movable. A block of order 10 is cut six times for order 4.
const step = (op, more = {}) => ({ op, ...more });
const movable = { gfp: 'GFP_HIGHUSER_MOVABLE' };
const SCENARIO = JSON.stringify({
  format: 'mmscope/1',
  title: { en: 'Kinds', zh: '题型' },
  machine: { profile: { arch: 'arm64', memory: [{ start: '1GiB', size: '64MiB' }], reserved: [{ start: '0x40200000', size: '8MiB' }], sysctl: { transparent_hugepage: false } } },
  view: { open: 'map' },
  steps: [
    step('alloc_pages', { order: 9, ...movable, as: 'first', note: { en: 'Note of the first.', zh: '第一步的说明。' } }),
    step('alloc_pages', {
      order: 4, ...movable, as: 'a', note: { en: 'Note that tells: it is split.', zh: '说明会说出：拆分。' },
      question: { text: { en: 'Which way?', zh: '哪条路？' }, ask: 'branch' },
    }),
    step('alloc_pages', {
      order: 7, ...movable, as: 'b', note: { en: 'Note of the third.', zh: '第三步的说明。' },
      question: { text: { en: 'In which order?', zh: '按什么先后？' }, ask: 'order', items: [
        { text: { en: 'handed over', zh: '交出' }, event: 'mm_page_alloc' },
        { text: { en: 'asked for', zh: '请求' }, event: 'alloc_request' },
        { text: { en: 'taken', zh: '取下' }, event: 'buddy_take' }] },
    }),
    step('__free_pages', {
      page: 'a', note: { en: 'Note of the fourth.', zh: '第四步的说明。' },
      question: { text: { en: 'At which orders?', zh: '在哪几阶？' }, ask: 'several', values: { buddy_merge: 'order' } },
    }),
    step('__free_pages', { page: 'b', question: { text: { en: 'Point at it.', zh: '指出来。' }, ask: 'several', values: { mm_page_free: 'pfn' } } }),
    step('alloc_pages', {
      order: 10, ...movable, as: 'c',
      question: { text: { en: 'Which picture?', zh: '哪幅图？' }, pictures: [
        { nr_free: { '0:DMA': { 10: 13 } } }, { nr_free: { '0:DMA': { 10: 12 } } }] },
    }),
    step('alloc_pages', {
      order: 8, ...movable, as: 'd',
      question: { text: { en: 'How many are free?', zh: '还有多少空闲？' }, ask: 'number', answer: { free_pages: { '0:DMA': '?' } }, within: '10%' },
    }),
  ],
});

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const question = (op) => `.question[data-op="${op}"]`;
const text = (page, selector) => page.locator(selector).innerText();

async function load(page) {
  await page.evaluate(async (source) => {
    const { app } = await import(new URL('js/main.js', location.href));
    const error = await app.loadText('own', source);
    if (error) throw new Error(`${error.path}: ${error.message.en}`);
    window.__app = app;
    window.__results = [];
    window.addEventListener('mmscope:result', (event) => window.__results.push(event.detail));
  }, SCENARIO);
}

const asking = (options, body) => withPage(options, async (opened, context) => {
  await loaded(opened.page);
  await load(opened.page);
  await body(opened, context);
});

const go = (page, op) => page.evaluate((to) => window.__app.seek(to), op);
const verdict = (page, op) => page.locator(question(op)).getAttribute('data-correct');

// ---- the veil -------------------------------------------------------------------------------------------------------

test('while a question is open its note, later notes and later ops are not in the page at all', asking({}, async ({ page }) => {
  const steps = () => page.locator('#steps').evaluate((panel) => panel.textContent);
  assert.match(await steps(), /Note of the first/);
  assert.doesNotMatch(await steps(), /Note that tells|Note of the third/, 'they wait for their questions');
  assert.match(await steps(), /__free_pages/, 'ops are told as long as nothing is asked');
  await page.click('#go-next');
  await page.locator(question(1)).waitFor();
  assert.doesNotMatch(await steps(), /Note that tells|Note of the third|Note of the fourth|__free_pages/);
  assert.match(await text(page, '.op[data-op="1"] .op-line'), /alloc_pages/, 'what is asked about stays');
  assert.match(await text(page, '.op[data-op="3"] .op-line'), /after the question/);
  const markup = await page.locator('#steps').evaluate((panel) => panel.outerHTML);
  assert.doesNotMatch(markup, /Note that tells|__free_pages/, 'nor does a name or title tell it to a screen reader');

  const box = await page.locator('#timeline').boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 4);
  assert.match(await text(page, '#timeline-tip'), /after the question/);
  await page.mouse.move(box.x + box.width * 1.5 / 7, box.y + 4);
  assert.match(await text(page, '#timeline-tip'), /alloc_pages/);
  assert.doesNotMatch(await text(page, '#timeline-tip'), /Note that tells/);

  await page.locator(`${question(1)} label`, { hasText: 'larger block is split' }).click();
  await page.click(`${question(1)} button[type=submit]`);
  assert.equal(await verdict(page, 1), 'true');
  assert.match(await steps(), /Note that tells/);
  assert.match(await steps(), /__free_pages/);
  assert.doesNotMatch(await steps(), /Note of the third/, 'it waits for its own question');
}));

test('stepping on shows the answer in the box, and that is not right', asking({}, async ({ page }) => {
  await go(page, 1);
  await page.click('#go-next');
  assert.equal(await verdict(page, 1), 'shown');
  assert.match(await text(page, `${question(1)} .result`), /Shown, not answered\. The answer is a larger block is split[^]*buddy_split/);
  assert.ok(await page.locator(`${question(1)} fieldset`).evaluate((fields) => fields.disabled));
  assert.equal(await page.locator(`${question(1)} button[type=submit]`).isVisible(), false);
  assert.match(await text(page, '.op[data-op="1"] > .note'), /Note that tells/);
  await page.click('#go-back');
  assert.equal(await verdict(page, 1), 'shown', 'it stays so');
}));

test('a choice that is marked when somebody steps on is the answer', asking({}, async ({ page }) => {
  await go(page, 1);
  await page.locator(`${question(1)} label`, { hasText: 'larger block is split' }).click();
  await page.click('#go-next');
  assert.equal(await verdict(page, 1), 'true');
  assert.ok(await page.locator(`${question(1)} fieldset`).evaluate((fields) => fields.disabled));
  assert.equal(await page.evaluate(() => window.__app.questions.stateOf(1)), 'right');
}));

test('play stops at a question', asking({}, async ({ page }) => {
  await page.selectOption('#pace', 'op');
  await page.click('#play');
  await page.waitForFunction(() => window.__app.state.step === 1 && !window.__app.playing);
  assert.equal(await page.locator('#play').getAttribute('aria-pressed'), 'false');
}));

for (const viewport of [{ width: 390, height: 844 }, { width: 480, height: 320 }]) {
  test(`the reason of a wrong answer is in sight and has the focus, ${viewport.width}×${viewport.height}`, asking(
    { viewport, touch: true, mobile: true, locale: 'zh-CN' }, async ({ page }) => {
      await wholePage(page);
      await go(page, 1);
      await page.locator(`${question(1)} label`, { hasText: '得到 NULL' }).tap();
      await page.locator(`${question(1)} button[type=submit]`).tap();
      assert.match(await text(page, `${question(1)} .verdict`), /不对。 答案是 拆分一个更大的块/);
      const seen = await page.locator(`${question(1)} .result`).evaluate((result) => {
        const panel = document.getElementById('steps').getBoundingClientRect();
        const [first, reason] = [...result.querySelectorAll('p')].map((p) => p.getBoundingClientRect());
        return { focus: document.activeElement === result, first: first.top >= panel.top, reason: reason.top + 16 <= panel.bottom };
      });
      assert.deepEqual(seen, { focus: true, first: true, reason: true });
      await page.keyboard.press('ArrowRight');
      assert.equal(await page.evaluate(() => window.__app.state.step), 2, 'the keys step on');
    }));
}

// ---- each kind, by keys and by touch --------------------------------------------------------------------------------

test('a way is chosen with keys', asking({}, async ({ page }) => {
  await go(page, 1);
  const radios = page.locator(`${question(1)} input[type=radio]`);
  await radios.first().focus();
  await page.keyboard.press('Space');
  const wanted = await page.locator(`${question(1)} .choice`).evaluateAll((all) => all.findIndex((one) => one.textContent.includes('larger block is split')));
  for (let i = 0; i < wanted; ++i) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await verdict(page, 1), 'true');
}));

// Brings the items into this order as a person would: each up to its place.
async function bring(page, op, order, press) {
  const rows = page.locator(`${question(op)} .order li`);
  for (const [place, wanted] of order.entries()) {
    for (;;) {
      const texts = await rows.locator('.what').allInnerTexts();
      const at = texts.indexOf(wanted);
      assert.ok(at >= place, `${wanted} in ${texts}`);
      if (at === place) break;
      await press(rows.nth(at).locator('.up'));
    }
  }
}

test('things are put in order with keys, and the focus goes with them', asking({}, async ({ page }) => {
  await go(page, 2);
  await bring(page, 2, ['asked for', 'taken', 'handed over'], async (button) => {
    await button.focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.closest('.order') !== null), true, 'the focus stays in the list');
  });
  await page.locator(`${question(2)} button[type=submit]`).focus();
  await page.keyboard.press('Enter');
  assert.equal(await verdict(page, 2), 'true');
  assert.match(await text(page, `${question(2)} .heard`), /now number \d of 3/);
}));

test('things are put in order by touch', asking({ viewport: { width: 390, height: 844 }, touch: true, mobile: true, locale: 'zh-CN' }, async ({ page }) => {
  await go(page, 2);
  await page.locator(question(2)).waitFor();
  await bring(page, 2, ['请求', '取下', '交出'], (button) => button.tap());
  await page.locator(`${question(2)} button[type=submit]`).tap();
  assert.equal(await verdict(page, 2), 'true');
  const { height, width } = await page.locator(`${question(2)} .order .up`).last().boundingBox();
  assert.ok(height >= 36 && width >= 36, `${width}×${height}`);
}));

test('several are marked with keys; one too few is not right', asking({}, async ({ page }) => {
  await go(page, 3);
  const { right } = await page.evaluate(() => window.__app.engine.answer(3, '?'));
  const orders = right.match(/\d+/g);
  assert.ok(orders.length > 1, right);
  await page.click(`${question(3)} button[type=submit]`);
  assert.match(await text(page, `${question(3)} .result`), /Mark at least one/);
  const submit = page.locator(`${question(3)} button[type=submit]`);
  for (const [i, order] of orders.entries()) {
    await page.locator(`${question(3)} input[value="${order}"]`).focus();
    await page.keyboard.press('Space');
    if (i === orders.length - 2) {
      await submit.focus();
      await page.keyboard.press('Enter');
      assert.equal(await verdict(page, 3), 'false');
    }
  }
  await submit.focus();
  await page.keyboard.press('Enter');
  assert.equal(await verdict(page, 3), 'true');
}));

test('places are pointed at in the map, and again to take one back', asking({}, async ({ page, canvas }) => {
  await go(page, 4);
  await waitAtRest(page);
  const field = page.locator(`${question(4)} input`);
  const { width, height } = await canvas.boundingBox();
  await clickInCanvas(page, canvas, width / 2, height / 2);
  await page.waitForFunction((q) => document.querySelector(`${q} input`).value !== '', question(4));
  const pointed = await field.inputValue();
  assert.match(pointed, /^0x[0-9a-f]+$/);
  await clickInCanvas(page, canvas, width / 2, height / 2);
  await page.waitForFunction((q) => document.querySelector(`${q} input`).value === '', question(4));
  const { right } = await page.evaluate(() => window.__app.engine.answer(4, '?'));
  await field.fill(`${right}, 0x40000`);
  await field.press('Enter');
  assert.equal(await verdict(page, 4), String(Number(right) === 0x40000));
  await field.fill(right);
  await field.press('Enter');
  assert.equal(await verdict(page, 4), 'true');
  assert.ok(await page.locator(`${question(4)} .verdict .ref`).isVisible(), 'the answer leads there');
}));

// What is asked for is taken, then handed over (rmqueue): the order is the kernel's. A block of order 4 comes back to its buddy.
test('who embeds the page hears of each kind of answer in numbers and in words, and what was right', asking({}, async ({ page }) => {
  await page.evaluate(() => {
    window.__answers = [];
    window.addEventListener('mmscope:answer', ({ detail }) => window.__answers.push(detail));
  });
  const submit = (op) => page.click(`${question(op)} button[type=submit]`);
  const last = async () => (await page.evaluate(() => window.__answers)).at(-1);

  await go(page, 2);
  const offered = await page.locator(`${question(2)} .order .what`).allInnerTexts();
  const right = ['asked for', 'taken', 'handed over'];
  await submit(2);
  let answer = await last();
  assert.deepEqual([answer.kind, answer.question, answer.choices, answer.value, answer.response], ['order', 1, 3, '0,1,2', offered.join('; ')]);
  assert.equal(answer.solution, right.map((text) => offered.indexOf(text)).join(','));
  assert.equal(answer.right, right.join(' › '));

  await go(page, 3);
  await page.locator(`${question(3)} input`).nth(0).click();
  await submit(3);
  answer = await last();
  const marks = await page.locator(`${question(3)} .several label`).allInnerTexts();
  assert.deepEqual([answer.kind, answer.question, answer.choices, answer.value, answer.response], ['several', 2, marks.length, '0', marks[0].trim()]);
  assert.deepEqual(answer.solution.split(',').map((i) => marks[i].trim()).join(', '), answer.right);

  await go(page, 6);
  await page.fill(`${question(6)} input`, '1');
  await submit(6);
  answer = await last();
  assert.deepEqual([answer.kind, answer.question, answer.choices, answer.value, answer.response, answer.solution, answer.correct],
    ['number', 5, 0, '1', '1', '', false]);
  assert.match(answer.right, /^[\d,]+/);
}));

test('a picture is chosen with keys and by touch, and has words', asking({ touch: true }, async ({ page }) => {
  await go(page, 5);
  assert.equal(await page.locator(`${question(5)} svg.picture`).count(), 2);
  assert.match(await text(page, `${question(5)} .pictures`), /order 10: 13[^]*order 10: 12/);
  await page.locator(`${question(5)} input`).first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await verdict(page, 5), 'true');
  await page.locator(`${question(5)} .choice`).first().tap();
  await page.locator(`${question(5)} button[type=submit]`).tap();
  assert.equal(await verdict(page, 5), 'false');
}));

test('a number may be off by as much as the question says, and the number is told', asking({}, async ({ page }) => {
  await go(page, 6);
  assert.match(await text(page, `${question(6)} .hint`), /within 10%/);
  const { right } = await page.evaluate(() => window.__app.engine.answer(6, '?'));
  const field = page.locator(`${question(6)} input`);
  await field.fill(String(Math.round(Number(right) * 1.05)));
  await field.press('Enter');
  assert.equal(await verdict(page, 6), 'true');
  assert.ok((await text(page, `${question(6)} .verdict`)).includes(right));
}));

// ---- the result -----------------------------------------------------------------------------------------------------

test('the end tells what was right, what to look at again, and a code, in Chinese on a telephone', asking(
  { viewport: { width: 390, height: 844 }, touch: true, mobile: true, locale: 'zh-CN' }, async ({ page }) => {
    await go(page, 1);
    await page.locator(`${question(1)} label`, { hasText: '拆分' }).tap();
    await page.locator(`${question(1)} button[type=submit]`).tap();
    await go(page, 5);
    await page.locator(`${question(5)} .choice`).first().tap();
    await page.locator(`${question(5)} button[type=submit]`).tap();
    assert.equal(await verdict(page, 5), 'false');
    await page.locator('#go-next').tap();
    await page.locator('#go-next').tap();
    const card = page.locator('#result');
    await card.waitFor();
    assert.match(await card.innerText(), /你的成绩\s+6 道题，第一次就答对 1 道。/);
    assert.match(await card.innerText(), /第 6 步 答错 哪幅图？/);
    assert.match(await card.innerText(), /第 7 步 没有作答，直接看了答案 还有多少空闲？/);
    assert.match(await card.innerText(), /不能证明是谁答的/);
    const { top, bottom, panel, wide } = await card.evaluate((element) => {
      const box = element.getBoundingClientRect();
      const around = document.getElementById('steps').getBoundingClientRect();
      return { top: box.top, bottom: box.bottom, panel: [around.top, around.bottom], wide: element.scrollWidth > element.clientWidth };
    });
    assert.ok(top < panel[1] - 40 && bottom > panel[0], 'it is in sight');
    assert.equal(wide, false, 'nothing of it is cut off');

    const result = readCode(await card.locator('input').inputValue());
    assert.deepEqual(result, { scenario: 'own', version: versionOf(SCENARIO), answers: ['right', 'open', 'open', 'open', 'wrong', 'shown'], right: 1, asked: 6 });
    const [heard] = await page.evaluate(() => window.__results);
    assert.equal(heard.code, await card.locator('input').inputValue());
    assert.deepEqual({ ...heard, code: '' }, { scenario: 'own', textVersion: result.version, answers: result.answers, right: 1, asked: 6, code: '' });

    await card.locator('li .ref').last().tap();
    assert.equal(await page.evaluate(() => window.__app.state.step), 7);
    await card.locator('li .ref').nth(3).tap();
    assert.equal(await page.evaluate(() => window.__app.state.step), 6, 'a step that was answered wrong, made');
    assert.equal(await card.isVisible(), false, 'it stands at the end only');
  }));

test('begin again forgets the answers', asking({}, async ({ page }) => {
  await go(page, 6);
  await page.locator(`${question(6)} input`).fill('1');
  await page.locator(`${question(6)} input`).press('Enter');
  await page.click('#go-next');
  await page.click('#result > button:last-child');
  assert.equal(await page.evaluate(() => window.__app.state.step), 0);
  await go(page, 6);
  assert.equal(await verdict(page, 6), null);
  await page.click('#go-last');
  assert.match(await text(page, '#result'), /0 of 6 questions answered right/);
}));

test('a scenario without questions has no result', withPage({}, async ({ page }) => {
  await loaded(page);
  await page.evaluate(async () => {
    const { app } = await import(new URL('js/main.js', location.href));
    await app.loadText('own', JSON.stringify({ format: 'mmscope/1', title: 'none', machine: { profile: { memory: '8MiB' } }, steps: [{ op: 'alloc_page' }] }));
  });
  await page.keyboard.press('End');
  assert.equal(await page.locator('#result').isVisible(), false);
}));

// ---- the page that checks codes -------------------------------------------------------------------------------------

test("a teacher's page reads codes, tells a slip, and another version", withPage({ query: 'embed/results.html?lang=zh', ready: false }, async ({ page }) => {
  const source = await page.evaluate(async () => (await fetch('../scenarios/02-buddy.json')).text());
  const code = writeCode({ scenario: '02-buddy', version: versionOf(source), answers: ['right', 'wrong', 'shown', 'right'] });
  const older = writeCode({ scenario: '02-buddy', version: '00000000', answers: ['right', 'right', 'open', 'open'] });
  await page.fill('#codes', `李雷 ${code}\n${older}\n\n韩梅梅 ${code.replace('.rwsr.', '.rrsr.')}\n<b>x</b>`);
  const rows = page.locator('#table tbody tr');
  await page.waitForFunction(() => document.querySelectorAll('#table tbody tr').length === 4);
  assert.match(await rows.nth(0).innerText(), /李雷\s+伙伴系统：拆分与合并\s+2 \/ 4\s+1 ✓，2 ✗，3 看了答案，4 ✓/);
  await page.waitForFunction(() => document.querySelector('#table tbody tr:nth-child(2)').textContent.includes('另一个版本'));
  assert.doesNotMatch(await rows.nth(0).innerText(), /另一个版本/);
  assert.match(await rows.nth(2).innerText(), /有字符写错/);
  assert.match(await rows.nth(3).innerText(), /<b>x<\/b>\s+不是成绩码/);
  assert.match(await page.locator('#sum').innerText(), /读出 2 个，2 个读不出。/);
  await page.click('#en');
  assert.match(await rows.nth(0).innerText(), /Buddies: split and merge/);
  assert.match(await page.locator('#hint').innerText(), /does not prove who answered/);
}));

test("a teacher's page says what does not fit the lesson, and takes codes out of tables", withPage({ query: 'embed/results.html?lang=en', ready: false }, async ({ page }) => {
  const source = await page.evaluate(async () => (await fetch('../scenarios/02-buddy.json')).text());
  const version = versionOf(source);
  const more = writeCode({ scenario: '02-buddy', version, answers: Array(20).fill('right') });
  const none = writeCode({ scenario: 'no-such-lesson', version, answers: ['right'] });
  const inherited = writeCode({ scenario: 'constructor', version, answers: ['right'] });
  const good = writeCode({ scenario: '02-buddy', version, answers: ['right', 'right', 'right', 'wrong'] });
  await page.fill('#codes', [`Ann,"${good}",`, more, none, inherited, `\u202eBob ${good}.`].join('\n'));
  await page.waitForFunction(() => document.querySelector('#table tbody tr:nth-child(2)')?.textContent.includes('the lesson has 4 questions'));
  const rows = await page.locator('#table tbody tr').allInnerTexts();
  assert.match(rows[0], /^Ann\s+Buddies: split and merge\s+3 \/ 4/);
  assert.match(rows[2], /no lesson of this page/);
  assert.match(rows[3], /no lesson of this page/);
  assert.match(rows[4], /^\ufffdBob\s/);
  await page.evaluate((text) => {
    const codes = document.getElementById('codes');
    codes.value = text;
    codes.dispatchEvent(new Event('input'));
  }, `${good}\n`.repeat(1003));
  await page.waitForFunction(() => document.querySelector('#sum').textContent === '1000 read. 3 more lines are left out: paste them apart.');
}));
