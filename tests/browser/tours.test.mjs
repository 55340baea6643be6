// What people come for, from the first press to the last: a student on a phone, a teacher who looks something up and sends
// what she has changed, an engineer who changes an op.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { teachToAnswer } from './answering.mjs';
import { changeSource } from './change-source.mjs';
import { assertClean, assertSamePicture, linkOf, open, openView, pixelsOf, waitAtRest, withPage } from './harness.mjs';
import { assertHostClean, frameOf, openHost } from './host-page.mjs';
import { readCode } from '../../web/embed/result-code.js';

const PHONE = { viewport: { width: 390, height: 844 }, touch: true, mobile: true, locale: 'zh-CN' };
const MOST_PRESSES = 30;

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');

// The question that is open, if one is: which op it is of, and its right answer.
const asked = (page) => page.evaluate(async () => {
  const { app } = await import(new URL('js/main.js', location.href));
  const { open } = app.questions;
  if (!open) return null;
  const { kind } = app.engine.ops(open.op, 1).ops[0].question;
  return { op: open.op, kind, right: app.engine.answer(open.op, '?').right };
});

// How much of an element the person sees, in pixels of height.
const seenOf = (page, selector) => page.locator(selector).evaluate((element) => {
  const box = element.getBoundingClientRect();
  const x = box.left + box.width / 2;
  let seen = 0;
  for (let y = Math.max(0, Math.ceil(box.top)); y < Math.min(innerHeight, box.bottom); ++y) {
    if (element.contains(document.elementFromPoint(x, y))) ++seen;
  }
  return seen;
});

async function answerOpenQuestion(page, { op, kind, right }, correctly) {
  const box = `.question[data-op="${op}"]`;
  await page.locator(box).waitFor();
  assert.ok(await seenOf(page, `${box} legend`) >= 16, `the question of op ${op} is in sight`);
  const misfit = await page.evaluate(([selector, ...about]) => window.__fillIn(document.querySelector(selector), ...about),
    [box, kind, right, correctly]);
  assert.equal(misfit, '');
  await page.tap(`${box} button[type=submit]`);
  assert.equal(await page.locator(box).getAttribute('data-correct'), String(correctly), `op ${op}: ${right}`);
  assert.ok(await seenOf(page, `${box} .verdict`) >= 16, `what is said of the answer to op ${op} is in sight`);
}

for (const [lesson, steps, questions] of [['02-buddy', 21, 4], ['31-kvmalloc', 9, 4], ['65-mmap-is-not-memory', 16, 11]]) {
  test(`a student on a phone finishes ${lesson} in Chinese and reads the result`, withPage(
    { ...PHONE, query: `#s=${lesson}&lang=zh` }, async ({ page }) => {
      await loaded(page);
      await teachToAnswer(page);
      let answers = 0;
      let presses = 0;
      for (; presses < MOST_PRESSES && await page.evaluate(() => !document.getElementById('go-next').disabled); ++presses) {
        const question = await asked(page);
        if (question) await answerOpenQuestion(page, question, answers++ !== 1);  // the second one wrong
        assert.ok(await seenOf(page, '#go-next') >= 24, 'the button that steps is in sight');
        await page.tap('#go-next');
      }
      assert.equal(presses, steps);
      assert.equal(answers, questions);
      await page.locator('#result').waitFor();
      assert.ok(await seenOf(page, '#result-title') >= 16, 'the result is in sight');
      const code = readCode(await page.locator('#result input').inputValue());
      const given = Array.from({ length: questions }, (_, i) => (i === 1 ? 'wrong' : 'right'));
      assert.deepEqual([code.scenario, code.answers], [lesson, given]);
    }));
}

test('a teacher finds lowmem_reserve by search and reads where the rule stands in the kernel', withPage(
  { query: '#s=02-buddy', viewport: { width: 1366, height: 768 } }, async ({ page }) => {
    await loaded(page);
    await page.evaluate(async () => { window.__app = (await import(new URL('js/main.js', location.href))).app; });
    await page.keyboard.press('/');
    await page.fill('#search-text', 'lowmem_reserve');
    const found = page.locator('#search-found [role=option]');
    await found.first().waitFor();
    const steps = (await found.allInnerTexts()).map((text) => /step \d/.test(text));
    await found.nth(steps.indexOf(true)).click();
    await page.waitForFunction(() => window.__app.scenario.id !== '02-buddy');
    // What is free is compared with a watermark and the reserve: the sentence, and where the kernel does it.
    const why = page.locator('#why-text');
    const compares = /free \d+ − unusable \d+ ≤ \d+ \+ [1-9]\d*/;
    for (let presses = 0; presses < MOST_PRESSES && !compares.test(await why.innerText()); ++presses) await page.click('#go-into');
    assert.match(await why.innerText(), compares);
    await page.click('#why button.fn');
    const place = page.locator('dialog.place[open]');
    await place.locator('dl').waitFor();
    assert.equal(await place.locator('h2').innerText(), 'get_page_from_freelist()');
    assert.match(await place.locator('.place-rows > div').first().innerText(), /mm\/page_alloc\.c/);
  }));

test('a teacher changes a lesson, sends it, embeds a step of it in her course, and hears of the answer', async () => {
  const hers = await open({ query: '#s=02-buddy&at=3' });
  let link;
  try {
    await loaded(hers.page);
    await changeSource(hers.page, 'How is the next request of order 4 served?', 'Class: how is the next request served?');
    link = await linkOf(hers.page);
    await assertClean(hers);
  } finally {
    await hers.close();
  }

  const student = await open({ query: link });
  try {
    await loaded(student.page);
    assert.match(await student.page.locator('.question legend').first().innerText(), /Class: how is the next request served\?/);
    await assertClean(student);
  } finally {
    await student.close();
  }

  const course = await openHost({
    html: (ours) => `<p>Read, then answer.</p>${frameOf(`${ours}embed.html${link}`, { width: 480, height: 320 })}
      <script>window.heard = []; addEventListener('message', ({ data }) => { window.heard.push(data); });</script>`,
  });
  try {
    const frame = await course.loaded();
    await teachToAnswer(frame);
    const question = await asked(frame);
    const box = `.question[data-op="${question.op}"]`;
    await frame.waitForFunction((selector) => document.querySelector(selector)?.offsetParent, box);
    assert.equal(await frame.evaluate(([selector, ...about]) => window.__fillIn(document.querySelector(selector), ...about), [box, question.kind, question.right, true]), '');
    await frame.click(`${box} button[type=submit]`);
    await course.page.waitForFunction(() => window.heard.some(({ type }) => type === 'mmscope:answer'));
    const answer = await course.page.evaluate(() => window.heard.find(({ type }) => type === 'mmscope:answer'));
    assert.deepEqual([answer.at, answer.correct], ['4', true]);
    await assertHostClean(course);
  } finally {
    await course.close();
  }
});

test('an engineer changes an op, runs it, and takes the link and the picture as SVG', withPage(
  { query: '#s=02-buddy&at=4&view=free-lists' }, async ({ page }) => {
    await loaded(page);
    await changeSource(page, '"order": 4, "gfp": "GFP_KERNEL", "as": "c"', '"order": 3, "gfp": "GFP_KERNEL", "as": "c"');
    await page.click('#share');
    await page.locator('#share-link').waitFor();
    // Step 4 asks something: the link leads to before it.
    assert.match(await page.locator('#share-link').inputValue(), /#from=02-buddy\.[0-9a-f]{8}&at=3&.*z=1\./);
    await page.evaluate(() => {
      URL.createObjectURL = (blob) => { window.__blob = blob; return '#'; };
      HTMLAnchorElement.prototype.click = () => {};
    });
    await page.click('#tab-share-picture');
    await page.click('#svg-save');
    await page.waitForFunction(() => window.__blob);
    const drawn = await page.evaluate(async () => {
      const file = new DOMParser().parseFromString(await window.__blob.text(), 'image/svg+xml');
      return { root: file.documentElement.tagName, images: file.querySelectorAll('image').length, texts: [...file.querySelectorAll('text')].map((text) => text.textContent) };
    });
    assert.deepEqual([drawn.root, drawn.images], ['svg', 0]);
    for (const word of ['order', 'nr_free', 'Unmovable']) assert.ok(drawn.texts.includes(word), word);
  }));

test('a lecturer shows on a wide screen what the first write after fork() does, and her link leads a student to the same picture', async () => {
  const WIDE = { width: 1440, height: 900 };
  const mirror = (page) => page.locator('#mirror').evaluate((box) => box.textContent);
  const hers = await open({ query: '#s=66-fork-copy-on-write&at=8&lang=en', viewport: WIDE });
  let link, told, drawn;
  try {
    const { page, canvas } = hers;
    await loaded(page);
    await teachToAnswer(page);
    const question = await asked(page);
    await answerOpenQuestion(page, question, true);
    // Into the fault of the child's write, up to where the kernel decides to copy.
    await openView(page, 'fault');
    const why = page.locator('#why-text');
    const decided = /2 references and 2 mappings: others have it, so it is copied/;
    for (let presses = 0; presses < MOST_PRESSES && !decided.test(await why.innerText()); ++presses) await page.click('#go-into');
    assert.match(await why.innerText(), decided);
    await page.click('#go-into');
    await waitAtRest(page);
    assert.match(await mirror(page), /Others have the page too: it is copied/);
    // The frame's reverse map: parent and child both map it; when the step is done, the parent alone.
    await openView(page, 'reverse-map');
    await waitAtRest(page);
    const before = await mirror(page);
    assert.match(before, /refcount 2, mapcount 2/);
    for (const pid of ['300', '301']) assert.match(before, new RegExp(`${pid} /bin/prog 0xfffff7ff9000`));
    await page.click('#go-next');
    await waitAtRest(page);
    const after = await mirror(page);
    assert.notEqual(after, before);
    assert.match(after, /refcount 1, mapcount 1, .*was refcount 2, mapcount 2/);
    assert.match(after, /301 \/bin\/prog 0xfffff7ff9000 gone/);
    await page.click('#go-back');
    await waitAtRest(page);
    assert.match(await mirror(page), /refcount 2, mapcount 2/, 'back before the write both map it again');
    await page.click('#go-next');
    await waitAtRest(page);
    told = await mirror(page);
    assert.equal(told, after);
    link = await linkOf(page);
    drawn = await pixelsOf(page, canvas);
    await assertClean(hers);
  } finally {
    await hers.close();
  }
  const student = await open({ query: link, viewport: WIDE });
  try {
    await loaded(student.page);
    await waitAtRest(student.page);
    assert.equal(await mirror(student.page), told);
    // She has seen other views before, whose letters lie in the texture, too: a few edges of letters differ by more than a hair.
    assertSamePicture(await pixelsOf(student.page, student.canvas), drawn, 40);
    await assertClean(student);
  } finally {
    await student.close();
  }
});
