// Course packages in a course system: scorm-again, a run-time environment of both standards, in a host page with the unpacked
// package in a frame. What the lesson asks of it is written down, with the error that each call leaves.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { assertHostClean, openHost, until } from './host-page.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const DIST = process.env.MMSCOPE_DIST ?? join(ROOT, 'build', 'web', 'dist');
const LESSON = '02-buddy';
const ASKED = 4;  // questions of the lesson; its steps are 21
const STEPS = 21;

const out = mkdtempSync(join(tmpdir(), 'mmscope-course-test-'));
after(() => rmSync(out, { recursive: true, force: true }));
const packed = new Map();

/** The files of a package: path → bytes. lesson: a name, or a file. */
function files(standard, lesson, ...more) {
  const key = [standard, lesson, ...more].join(' ');
  if (!packed.has(key)) {
    const folder = join(out, String(packed.size));
    const args = ['--course', lesson, '--scorm', standard, '--page', DIST, '--out', folder, ...more];
    execFileSync(process.execPath, [join(ROOT, 'tools', 'pack-course.mjs'), ...args]);
    packed.set(key, unzipSync(readFileSync(join(folder, `${basename(lesson, '.json')}.scorm${standard === '1.2' ? '12' : standard}.zip`))));
  }
  return packed.get(key);
}

const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', json: 'application/json', wasm: 'application/wasm', svg: 'image/svg+xml', ttf: 'font/ttf' };
const typeOf = (path) => TYPES[/\.(\w+)$/.exec(path)?.[1]] ?? 'text/plain';

const SYSTEMS = {
  '1.2': { script: 'scorm12.min.js', at: 'API', make: 'Scorm12API' },
  2004: { script: 'scorm2004.min.js', at: 'API_1484_11', make: 'Scorm2004API' },
};

// Runs in the host page. What was kept is given back as a course system does it.
function courseSystem({ at, make, kept, mode, refuse }) {
  const api = new window[make]({ autocommit: false, lmsCommitUrl: false, logLevel: 5 });
  if (kept) api.loadFromJSON(JSON.parse(kept));
  if (mode && at === 'API') api.cmi.core.lesson_mode = mode;
  if (mode && at !== 'API') api.cmi.mode = mode;
  window.calls = [];
  const error = at === 'API' ? () => api.LMSGetLastError() : () => api.GetLastError();
  const wrapped = {};
  for (const name of ['Initialize', 'Terminate', 'GetValue', 'SetValue', 'Commit', 'GetLastError', 'GetErrorString', 'GetDiagnostic']) {
    const full = at === 'API' ? (name === 'Terminate' ? 'LMSFinish' : `LMS${name}`) : name;
    wrapped[full] = (...values) => {
      if (refuse?.includes(values[0] || name)) {
        window.refused = true;
        return 'false';
      }
      if (window.refused && name === 'GetLastError') return '351';
      if (window.refused && name === 'GetErrorString') {
        window.refused = false;
        return 'the tables of the course are full';
      }
      const result = api[full](...values);
      if (!name.startsWith('Get') || name === 'GetValue') window.calls.push([name, ...values, String(result), error(), performance.now()]);
      return result;
    };
  }
  window[at] = wrapped;
  window.cmi = () => JSON.parse(JSON.stringify(api.cmi));
  window.kept = () => api.renderCMIToJSONString();
}

/** A course system with the lesson in a frame. */
async function course(standard, { lesson = LESSON, more = [], viewport = { width: 1200, height: 760 }, ...state } = {}) {
  const package_ = files(standard, lesson, ...more);
  const start = `${basename(lesson, '.json')}.html`;
  const { script, at, make } = SYSTEMS[standard];
  const system = { at, make, ...state };
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A course</title><link rel="icon" href="/course/page/icon.svg">
    <style>html, body { height: 100%; margin: 0 } iframe { width: 100%; height: 100%; border: 0; display: block }</style>
    ${state.without ? '' : `<script src="/${script}"></script><script>(${courseSystem})(${JSON.stringify(system)})</script>`}</head>
    <body><iframe id="sco" src="/course/${start}" title="lesson"></iframe></body></html>`;
  const pages = () => (path) => {
    if (path === '/') return { body: page };
    if (path === `/${script}`) return { type: TYPES.js, body: readFileSync(join(ROOT, 'node_modules', 'scorm-again', 'dist', script)) };
    const name = path.replace(/^\/course\//, '');
    return Object.hasOwn(package_, name) ? { type: typeOf(name), body: Buffer.from(package_[name]) } : null;
  };
  const opened = await openHost({ pages, viewport });
  const named = (part) => until(`a frame of ${part}`, () => opened.page.frames().find((frame) => frame.url().includes(part)));
  const sco = await named(`/course/${start}`);
  const inner = await named('/course/page/index.html');
  await until('the page is whole', () => inner.evaluate(() => document.documentElement.dataset.loaded === '1').catch(() => false));
  return {
    ...opened, sco, inner,
    // The status of each file is among them anyway; the browser's own word for it is said of icons that nobody asked for, too.
    get problems() { return opened.problems.filter((problem) => !problem.startsWith('console error: Failed to load resource')); },
    cmi: () => opened.page.evaluate(() => window.cmi()),
    calls: () => opened.page.evaluate(() => window.calls),
    told: () => sco.evaluate(() => (document.getElementById('line').hidden ? '' : document.getElementById('told').textContent)),
  };
}

const running = (standard, options, body) => async () => {
  const opened = await course(standard, options);
  try {
    await body(opened);
    await assertHostClean(opened);
  } finally {
    await opened.close();
  }
};

// ---- in the lesson --------------------------------------------------------------------------------------------------

const next = (inner) => inner.evaluate(() => document.getElementById('go-next').click());
const where = (inner) => inner.evaluate(() => document.getElementById('goto').value);

/** Steps until the question of the nth step is asked. */
async function stepTo(inner, at) {
  for (let i = 0; i < STEPS && await where(inner) !== String(at); ++i) {
    const before = await where(inner);
    await next(inner);
    await until('a step', async () => await where(inner) !== before);
  }
}

/** Answers the open question by the engine's own knowledge of it, right or wrong. Which choice it was. */
const answer = (inner, right) => inner.evaluate(async (wanted) => {
  const { app } = await import(new URL('js/main.js', location.href));
  const { op } = app.questions.open;
  const box = document.querySelector(`.question[data-op="${op}"]`);
  const inputs = [...box.querySelectorAll('input')];
  const choice = inputs.findIndex((_, i) => app.engine.answer(op, String(i)).correct === wanted);
  inputs[choice].click();
  box.querySelector('button[type=submit]').click();
  return choice;
}, right);

const committed = (page) => page.evaluate(() => window.calls.filter(([name]) => name === 'Commit').length);
const dotted = (object, path) => path.split('.').reduce((value, name) => value?.[name], object);

const NAMES = {
  '1.2': { raw: 'core.score.raw', status: 'core.lesson_status', at: 'core.lesson_location', response: 'student_response', wrong: 'wrong', exit: 'core.exit' },
  2004: { raw: 'score.raw', status: 'completion_status', at: 'location', response: 'learner_response', wrong: 'incorrect', exit: 'exit' },
};
const letter = (i) => 'abcdefgh'[i];
const interactionsOf = (cmi) => Object.values(cmi.interactions?.childArray ?? cmi.interactions ?? {}).filter((one) => one?.id);

for (const [standard, names] of Object.entries(NAMES)) {
  test(`SCORM ${standard}: one answer right, one wrong, the end, and back where the learner left`, async () => {
    const more = ['--pass', '20'];
    let kept;
    let choices;
    const first = await course(standard, { more });
    try {
      const { inner, page } = first;
      assert.equal(await first.told(), '');
      assert.equal(dotted(await first.cmi(), names.status), 'incomplete');
      await stepTo(inner, 3);
      choices = [await answer(inner, true)];
      await until('the first answer is set', async () => Number(dotted(await first.cmi(), names.raw)) === 100 / ASKED);
      await stepTo(inner, 6);
      choices.push(await answer(inner, false));
      await until('the place is set', async () => dotted(await first.cmi(), names.at) === '6');
      kept = await page.evaluate(() => window.kept());
      const calls = await first.calls();
      assert.deepEqual(calls.filter(([name, ...rest]) => name === 'SetValue' && rest.at(-2) !== '0'), [], 'nothing was refused');
      await assertHostClean(first);
      await page.evaluate(() => document.getElementById('sco').remove());
      const ends = (await first.calls()).filter(([name]) => name === 'Terminate');
      assert.deepEqual(ends.map(([, , result]) => result), ['true'], 'the session is ended once');
      kept = await page.evaluate(() => window.kept());
    } finally {
      await first.close();
    }
    await comeBack(standard, names, { kept, choices, more });
  });
}

async function comeBack(standard, names, { kept, choices, more }) {
  const again = await course(standard, { kept, more });
  try {
    const { inner } = again;
    await until('the answers are back', () => inner.evaluate(async () => {
      const { app } = await import(new URL('js/main.js', location.href));
      return app.questions.results().map(({ state }) => state).join() === 'right,wrong,open,open';
    }));
    assert.equal(await where(inner), '6');
    await stepTo(inner, STEPS);
    await until('the lesson is done', async () => ['completed', 'passed'].includes(dotted(await again.cmi(), names.status)));
    const cmi = await again.cmi();
    assert.equal(Number(dotted(cmi, names.raw)), 25);
    assert.deepEqual([dotted(cmi, names.status), standard === '1.2' ? '' : cmi.success_status], standard === '1.2' ? ['passed', ''] : ['completed', 'passed']);
    if (standard === '2004') assert.equal(Number(cmi.score.scaled), 0.25);
    assert.equal(dotted(cmi, names.exit) ?? 'suspend', 'suspend');
    await until('it is told', async () => /1 of 4 questions right/.test(await again.told()));
    const given = interactionsOf(cmi);
    assert.deepEqual(given.map(({ id, type, result }) => [id, type || 'none', result]), [
      [`${LESSON}.q1`, 'choice', 'correct'], [`${LESSON}.q2`, 'choice', names.wrong],
      [`${LESSON}.q3`, 'none', 'neutral'], [`${LESSON}.q4`, 'none', 'neutral']]);
    assert.deepEqual(given.slice(0, 2).map((one) => one[names.response]), choices.map(letter));
    const refused = (await again.calls()).filter(([name, ...rest]) => name === 'SetValue' && rest.at(-2) !== '0');
    assert.deepEqual(refused, [], 'nothing was refused');
    await assertHostClean(again);
  } finally {
    await again.close();
  }
}

test('it saves at once after an answer, and no more often than every five seconds', running('1.2', {}, async ({ inner, page, calls }) => {
  await until('the start is saved', async () => await committed(page) >= 1);
  for (let i = 0; i < 3; ++i) await next(inner);
  await until('it stands before the question', async () => await where(inner) === '3');
  await answer(inner, true);
  await until('the answer is saved', async () => await committed(page) >= 2, 20_000);
  await stepTo(inner, 6);
  await answer(inner, true);
  await until('the second answer is saved', async () => await committed(page) >= 3, 20_000);
  const times = (await calls()).filter(([name]) => name === 'Commit').map((call) => call.at(-1));
  times.slice(1).forEach((time, i) => assert.ok(time - times[i] > 4900, `${time - times[i]} ms between two`));
}));

// A lesson of a teacher's own with a question of each kind that is answered in another way: x86_64 or arm64 with 64 MiB.
const movable = { gfp: 'GFP_HIGHUSER_MOVABLE' };
const OWN = {
  format: 'mmscope/1',
  title: { en: 'Each kind', zh: '各种题型' },
  machine: { profile: { arch: 'arm64', memory: [{ start: '1GiB', size: '64MiB' }], reserved: [{ start: '0x40200000', size: '8MiB' }], sysctl: { transparent_hugepage: false } } },
  steps: [
    { op: 'alloc_pages', order: 9, ...movable, as: 'first' },
    { op: 'alloc_pages', order: 4, ...movable, as: 'a', question: { text: { en: 'How many blocks come?', zh: '来几块？' }, ask: 'number', answer: { events: { mm_page_alloc: '?' } } } },
    {
      op: 'alloc_pages', order: 7, ...movable, as: 'b',
      question: { text: { en: 'In which order?', zh: '按什么先后？' }, ask: 'order', items: [
        { text: { en: 'handed over', zh: '交出' }, event: 'mm_page_alloc' },
        { text: { en: 'asked for', zh: '请求' }, event: 'alloc_request' },
        { text: { en: 'taken', zh: '取下' }, event: 'buddy_take' }] },
    },
    { op: '__free_pages', page: 'a', question: { text: { en: 'At which orders?', zh: '在哪几阶？' }, ask: 'several', values: { buddy_merge: 'order' } } },
    { op: '__free_pages', page: 'b', question: { text: { en: 'Which page?', zh: '哪一页？' }, ask: 'page' } },
  ],
};
const OWN_ASKED = 4;

/** Writes or marks something in the open question, and answers with it. */
const answerWith = (inner, text) => inner.evaluate(async (value) => {
  const { app } = await import(new URL('js/main.js', location.href));
  const box = document.querySelector(`.question[data-op="${app.questions.open.op}"]`);
  const input = box.querySelector('input');
  if (input?.type === 'text') input.value = value;
  else input?.click();
  box.querySelector('button[type=submit]').click();
}, text);

const TAKEN = {
  '1.2': [['numeric', '7', '1'], ['sequencing', 'a,b,c', null], ['choice', 'a', null], ['fill-in', '0x40000', null]],
  2004: [['numeric', '7', '1[:]1'], ['sequencing', 'a[,]b[,]c', null], ['choice', 'a', null], ['fill-in', '0x40000', null]],
};

for (const [standard, names] of Object.entries(NAMES)) {
  test(`SCORM ${standard}: a lesson of one's own, in Chinese, with a question of each kind: the course system takes every answer`, async () => {
    const lesson = join(out, 'each-kind.json');
    writeFileSync(lesson, JSON.stringify(OWN));
    await running(standard, { lesson, more: ['--lang', 'zh'] }, async ({ inner, cmi, calls, told }) => {
      assert.equal(await inner.evaluate(() => document.documentElement.lang), 'zh-Hans');
      for (const [i, value] of ['7', '', '', '0x40000'].entries()) {
        await stepTo(inner, i + 1);
        await answerWith(inner, value);
        await until(`answer ${i + 1}`, async () => interactionsOf(await cmi()).length === i + 1);
      }
      await stepTo(inner, OWN.steps.length);
      await until('it is told', async () => new RegExp(`${OWN_ASKED} 道题答对`).test(await told()));
      const given = interactionsOf(await cmi());
      assert.deepEqual(given.map((one, i) => [one.type, one[names.response], TAKEN[standard][i][2] && one.correct_responses[0].pattern]), TAKEN[standard]);
      if (standard === '2004') assert.deepEqual(given.map(({ description }) => description), OWN.steps.slice(1).map(({ question }) => question.text.zh));
      assert.equal(dotted(await cmi(), names.status), 'completed', 'without a pass mark it is done, and no more is said');
      assert.deepEqual((await calls()).filter(([name, ...rest]) => name === 'SetValue' && rest.at(-2) !== '0'), []);
    })();
  });
}

// ---- what goes wrong ------------------------------------------------------------------------------------------------

test('without a course system the lesson works and says that nothing is recorded', running('2004', { without: true }, async ({ inner, sco, told }) => {
  assert.match(await told(), /No course system was found .* nothing is recorded/);
  await stepTo(inner, 3);
  await answer(inner, true);
  assert.match(await inner.evaluate(() => document.querySelector('.question .verdict').textContent), /Right/);
  await sco.evaluate(() => document.getElementById('close').click());
  assert.equal(await told(), '');
}));

test('what the course system refuses is told once, with its words, and the rest is recorded', running('1.2', { refuse: ['cmi.core.score.raw'] }, async ({ inner, told, cmi }) => {
  await stepTo(inner, 3);
  await answer(inner, true);
  await until('it is told', async () => /did not take cmi\.core\.score\.raw \(the tables of the course are full, error 351\)/.test(await told()));
  assert.equal(interactionsOf(await cmi()).length, 1);
}));

test('a course system that does not begin is told', running('2004', { refuse: ['Initialize'] }, async ({ told }) => {
  assert.match(await told(), /did not begin to record \(the tables of the course are full, error 351\).*nothing is recorded/);
}));

test('a lesson that is only looked at sets nothing', running('1.2', { mode: 'review' }, async ({ inner, told, calls }) => {
  assert.match(await told(), /to look at it only/);
  await stepTo(inner, 3);
  await answer(inner, true);
  assert.deepEqual((await calls()).filter(([name]) => name === 'SetValue' || name === 'Commit'), []);
}));

test('what was kept of another version of the lesson is told, and it begins anew', running('1.2', {
  kept: JSON.stringify({ suspend_data: 'mmscope1 00000000 rrww 5 1' }),
}, async ({ inner, told }) => {
  assert.match(await told(), /has changed since you left it/);
  assert.equal(await where(inner), '0');
}));

test('there are the lessons of the package alone, and nothing else can be opened', running('1.2', {}, async ({ inner }) => {
  const lessons = await inner.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.index.map(({ id }) => id));
  assert.deepEqual(lessons, [LESSON]);
  assert.equal(await inner.evaluate(() => document.getElementById('lessons').checkVisibility()), false);
  await inner.evaluate(() => {
    const input = document.getElementById('search-text');
    input.focus();
    input.value = 'watermark';
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
  const found = () => inner.evaluate(() => [...document.querySelectorAll('#search-found [role=option]')].map((one) => one.textContent));
  await until('something is found', async () => (await found()).length > 0);
  await inner.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', '{"format": "mmscope/1"}');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  });
  await until('it is told', () => inner.evaluate(() => /its own lesson only/.test(document.getElementById('status').textContent)));
}));

test('another window than the frame is not listened to, and what a frame says of another lesson is not recorded', running('1.2', {}, async ({ inner, sco, cmi, told }) => {
  const answer_ = { type: 'mmscope:answer', version: 1, scenario: LESSON, question: 0, correct: true, choices: 2, value: '0', solution: '0', response: 'a', right: 'a', kind: 'choices' };
  await sco.evaluate((message) => window.postMessage(message, '*'), answer_);
  await inner.evaluate((message) => window.parent.postMessage(message, '*'), { ...answer_, scenario: '05-pcp' });
  await until('it is told', async () => /Another lesson is open now/.test(await told()));
  assert.equal(interactionsOf(await cmi()).length, 0);
}));

test('a page that the browser has kept and shows again says that recording has ended, and ends it once', running('2004', {}, async ({ sco, inner, calls, told }) => {
  await sco.evaluate(() => {
    for (const type of ['pagehide', 'pageshow', 'pagehide']) window.dispatchEvent(new PageTransitionEvent(type, { persisted: true }));
  });
  assert.match(await told(), /Recording has ended/);
  const before = await calls();
  assert.equal(before.filter(([name]) => name === 'Terminate').length, 1);
  await stepTo(inner, 3);
  await answer(inner, true);
  assert.equal((await calls()).length, before.length, 'nothing is asked after the end');
}));
