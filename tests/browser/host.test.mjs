// Who embeds the page: what it is told and may ask by messages, the element <mm-scope>, and a frame in a sandbox. The host's page
// is of another origin.

import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { test } from 'node:test';
import { LETTERS } from '../../web/embed/result-code.js';
import { startServer } from '../../tools/serve.mjs';
import { framesDuring, open } from './harness.mjs';
import { DIST, assertHostClean, frameOf, openHost, startHost, until } from './host-page.mjs';

// Keeps what the frame tells, and asks it.
const LISTEN = `<script>
  window.heard = [];
  addEventListener('message', (event) => heard.push({ ...event.data, from: event.origin }));
  const target = () => document.querySelector('iframe').contentWindow;
  let count = 0;
  window.say = (message) => target().postMessage(message, '*');
  window.ask = (message) => new Promise((resolve) => {
    const id = 'ask-' + ++count;
    addEventListener('message', function listen({ data }) {
      if (data.id !== id) return;
      removeEventListener('message', listen);
      resolve(data);
    });
    const { unversioned, ...rest } = message;
    say({ ...(unversioned ? {} : { version: 1 }), ...rest, id });
  });
</script>`;

const ask = ({ page }, message) => page.evaluate((asked) => window.ask(asked), message);
const heard = ({ page }, type) => page.evaluate((name) => window.heard.filter((one) => one.type === name), type);
const hearing = (opened, type, n = 1) => until(`${n} × ${type}`, async () => {
  const all = await heard(opened, type);
  return all.length >= n ? all : null;
});
const shownAt = (frame) => frame.evaluate(() => document.querySelector('#goto').value);
const both = (error) => {
  assert.equal(error.type, 'mmscope:error');
  assert.equal(error.version, 1);
  assert.match(error.message.zh, /\p{Script=Han}/u);
  return error.message.en;
};

const hosting = (link, body, options = {}) => async () => {
  const opened = await openHost({ html: (ours) => `${LISTEN}<input id="own" autofocus>${frameOf(`${ours}${link}`, options)}`, ...options });
  try {
    const frame = await opened.loaded();
    await hearing(opened, 'mmscope:ready');
    await body(opened, frame);
    await assertHostClean(opened);
  } finally {
    await opened.close();
  }
};

const OWN = JSON.stringify({
  format: 'mmscope/1', title: { en: 'Mine', zh: '我的' },
  machine: { profile: { arch: 'x86_64', kernel: '6.1', memory: '64MiB', cpus: 1 } },
  steps: [{ op: 'alloc_pages', order: 2, as: 'a' }, { op: '__free_pages', page: 'a' }],
});

// ---- messages -------------------------------------------------------------------------------------------------------

test('the host hears that the page is ready, of steps and of what is selected', hosting('embed.html#s=02-buddy&at=2&lang=en', async (opened, frame) => {
  const [ready] = await heard(opened, 'mmscope:ready');
  const { from, view, ...rest } = ready;
  assert.deepEqual(rest, { type: 'mmscope:ready', version: 1, scenario: '02-buddy', at: '2', steps: 21, language: 'en' });
  assert.equal(from, new URL(opened.ours).origin);
  await frame.click('#go-next');
  const [step] = await hearing(opened, 'mmscope:step');
  assert.deepEqual([step.version, step.scenario, step.at, step.steps, step.view], [1, '02-buddy', '3', 21, view]);
  await frame.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.select('pfn:48050'));
  const selected = await hearing(opened, 'mmscope:select');
  assert.equal(selected.at(-1).place, 'pfn:48050');
}));

test('seek, state and play', hosting('embed.html#s=02-buddy&lang=en', async (opened, frame) => {
  for (const [at, there] of [['4', '4'], ['4.1.3', '4.1.3'], [7, '7'], ['0', '0']]) {
    const state = await ask(opened, { type: 'mmscope:seek', at });
    assert.deepEqual([state.type, state.at, state.scenario], ['mmscope:state', there, '02-buddy']);
    assert.equal(await shownAt(frame), there);
  }
  assert.equal((await ask(opened, { type: 'mmscope:play', play: true })).playing, true);
  assert.equal((await ask(opened, { type: 'mmscope:play', play: true })).playing, true, 'it is not turned round');
  assert.equal((await ask(opened, { type: 'mmscope:play', play: false })).playing, false);
  const state = await ask(opened, { type: 'mmscope:state' });
  assert.deepEqual([state.language, state.steps, state.answers], ['en', 21, 'oooo']);
  await opened.page.evaluate(() => window.say({ type: 'mmscope:state', version: 1 }));
  await until('an answer without an id', async () => (await heard(opened, 'mmscope:state')).some(({ id }) => id === undefined));
}));

test('a lesson and a text are loaded, and the history and focus of the host are its own', hosting('embed.html#s=02-buddy&lang=en', async (opened, frame) => {
  const entries = await opened.page.evaluate(() => history.length);
  const lesson = await ask(opened, { type: 'mmscope:load', scenario: '05-pcp', at: '3', view: 'pcp' });
  assert.deepEqual([lesson.scenario, lesson.at, lesson.view], ['05-pcp', '3', 'pcp']);
  const own = await ask(opened, { type: 'mmscope:load', text: OWN, at: '1' });
  assert.deepEqual([own.scenario, own.at, own.steps], ['own', '1', 2]);
  assert.match(await frame.evaluate(() => document.querySelector('#title').textContent), /^Mine$/);
  assert.equal(await opened.page.evaluate(() => history.length), entries);
  assert.equal(await opened.page.evaluate(() => document.activeElement.id), 'own');
}));

test('answers are put back, count at the end, and are shown', hosting('embed.html#s=02-buddy&lang=en', async (opened, frame) => {
  const state = await ask(opened, { type: 'mmscope:load', scenario: '02-buddy', at: '21', answers: 'rwso' });
  assert.equal(state.answers.slice(0, 3), 'rws');
  const [result] = await hearing(opened, 'mmscope:result');
  assert.equal(result.answers.map((one) => LETTERS[one]).join(''), state.answers);
  assert.deepEqual([result.right, result.asked, result.version, result.textVersion.length], [1, 4, 1, 8]);
  const verdicts = await frame.evaluate(async () => {
    const { app } = await import(new URL('js/main.js', location.href));
    for (const [op, ops] of app.questions.all.slice(0, 3)) app.seek(op + ops);
    return app.questions.all.slice(0, 3).map(([op]) => app.questions.stateOf(op));
  });
  assert.deepEqual(verdicts, ['right', 'wrong', 'shown']);
  const few = await ask(opened, { type: 'mmscope:load', scenario: '02-buddy', answers: 'rw' });
  assert.match(both(few), /2 letters, and 4 questions/);
}));

const BAD = {
  'no version': [{ type: 'mmscope:state', unversioned: true }, /no version; this page understands version 1/],
  'a later version': [{ type: 'mmscope:state', version: 2 }, /has version 2; this page understands version 1/],
  'a version of another kind': [{ type: 'mmscope:state', version: { a: 1 } }, /has version object/],
  'an unknown message': [{ type: 'mmscope:stop' }, /“mmscope:stop”; there are mmscope:load, mmscope:seek, mmscope:play, mmscope:state/],
  'a message of the frame itself': [{ type: 'mmscope:ready' }, /There is no message/],
  'an inherited name': [{ type: 'mmscope:load', scenario: 'constructor' }, /no lesson “constructor”/],
  'a name that is none': [{ type: 'mmscope:load', scenario: '../../etc/passwd' }, /no name of a lesson/],
  'nothing to load': [{ type: 'mmscope:load' }, /either scenario.*or text/],
  'both to load': [{ type: 'mmscope:load', scenario: '02-buddy', text: '{}' }, /either scenario.*or text/],
  'a scenario of another kind': [{ type: 'mmscope:load', scenario: 2 }, /either scenario.*or text/],
  'a text that is no scenario': [{ type: 'mmscope:load', text: '{"format": ' }, /Line 1, column 12/],
  'a text that is too long': [{ type: 'mmscope:load', text: 'x'.repeat(5 << 20) }, /text has 5\.0 MiB.*at most 4 MiB/],
  'an unknown view': [{ type: 'mmscope:load', scenario: '02-buddy', view: 'nothing' }, /no view “nothing”; there are .*map/],
  'letters that are none': [{ type: 'mmscope:load', scenario: '02-buddy', answers: 'rx' }, /a letter for each question/],
  'a place that is none': [{ type: 'mmscope:seek', at: '4,1' }, /“4,1” is no place/],
  'no place': [{ type: 'mmscope:seek' }, /“undefined” is no place/],
  'a place beyond the end': [{ type: 'mmscope:seek', at: '400' }, /400: there are 21 steps: 1 to 21\. The nearest place is shown/],
  'play of another kind': [{ type: 'mmscope:play', play: 'yes' }, /true or false/],
};

test('what is wrong with a message is told in both languages, and what was open stays', hosting('index.html#s=02-buddy&at=5&lang=en', async (opened, frame) => {
  for (const [name, [message, told]] of Object.entries(BAD)) {
    assert.match(both(await ask(opened, message)), told, name);
    assert.equal(await frame.evaluate(() => document.querySelector('#title').textContent.length > 0), true, name);
    if (name === 'a place beyond the end') await ask(opened, { type: 'mmscope:seek', at: '5' });
    assert.equal(await shownAt(frame), '5', name);
  }
  // Without an id that can be read, the error has none.
  await opened.page.evaluate(() => window.say({ type: 'mmscope:state', version: 1, id: {} }));
  const unnamed = (await hearing(opened, 'mmscope:error', Object.keys(BAD).length + 1)).at(-1);
  assert.match(both(unnamed), /id of a message/);
  assert.equal('id' in unnamed, false);
  // What is not ours is left alone.
  const before = await opened.page.evaluate(() => window.heard.length);
  for (const other of [null, 1, 'mmscope:state', [], { type: 7 }, { type: 'webpack' }]) await opened.page.evaluate((one) => window.say(one), other);
  await ask(opened, { type: 'mmscope:state' });
  assert.equal(await opened.page.evaluate(() => window.heard.length), before + 1);
}));

test('a frame that is readonly opens nothing else, and goes on answering', hosting('embed.html#s=02-buddy&at=2&lang=en&readonly=1&steps=2-6', async (opened, frame) => {
  assert.match(both(await ask(opened, { type: 'mmscope:load', scenario: '05-pcp' })), /readonly/);
  assert.match(both(await ask(opened, { type: 'mmscope:load', text: OWN })), /readonly/);
  assert.equal((await ask(opened, { type: 'mmscope:seek', at: '4' })).at, '4');
  assert.match(both(await ask(opened, { type: 'mmscope:seek', at: '9' })), /not among steps 2 to 6/);
  assert.equal(await shownAt(frame), '6');
  assert.equal((await ask(opened, { type: 'mmscope:load', scenario: '02-buddy', at: '3' })).at, '3', 'the same lesson again');
}));

test('ten thousand messages at once: some are done, the rest is told once, and the page answers', hosting('embed.html#s=02-buddy&at=2&lang=en', async (opened, frame) => {
  await opened.page.evaluate(() => {
    for (let i = 0; i < 10_000; ++i) window.say({ type: 'mmscope:load', version: 1, scenario: i % 2 ? '02-buddy' : '05-pcp' });
  });
  await until('it is done', async () => (await ask(opened, { type: 'mmscope:state' })).type === 'mmscope:state');
  const full = (await heard(opened, 'mmscope:error')).filter(({ id, message }) => id === undefined && /Too many requests: 32/.test(message.en));
  assert.equal(full.length, 1);
  // Places that follow each other: the last is gone to, and no error is told.
  await ask(opened, { type: 'mmscope:load', scenario: '02-buddy' });
  const told = (await heard(opened, 'mmscope:error')).length;
  await opened.page.evaluate(() => {
    for (let i = 0; i < 10_000; ++i) window.say({ type: 'mmscope:seek', version: 1, at: String(i % 20) });
    window.say({ type: 'mmscope:seek', version: 1, at: '6' });
  });
  assert.equal((await ask(opened, { type: 'mmscope:seek', at: '8' })).at, '8');
  assert.equal((await heard(opened, 'mmscope:error')).length, told);
  await frame.click('#go-next');
  await frame.waitForFunction(() => document.querySelector('#goto').value === '9');
}));

test('ten thousand malformed messages are told once', hosting('embed.html#s=02-buddy&at=2&lang=en', async (opened) => {
  await opened.page.evaluate(() => {
    for (let i = 0; i < 10_000; ++i) window.say({ type: `mmscope:${i}`, version: 1 });
  });
  await until('an answer', async () => (await ask(opened, { type: 'mmscope:state' })).type === 'mmscope:state');
  const full = (await heard(opened, 'mmscope:error')).filter(({ message }) => /Too many/.test(message.en));
  assert.equal(full.filter(({ id }) => id === undefined).length, 1);
}));

test('only the window around it is read', async () => {
  const opened = await openHost({ html: (ours) => `${LISTEN}${frameOf(`${ours}embed.html#s=02-buddy&at=2`)}<iframe name="other" srcdoc="<p>another</p>"></iframe>` });
  try {
    const frame = await opened.loaded();
    await hearing(opened, 'mmscope:ready');
    await opened.page.evaluate(() => {
      const script = frames.other.document.createElement('script');
      script.textContent = "for (const at of ['7', '8']) parent.frames[0].postMessage({ type: 'mmscope:seek', version: 1, at, id: at }, '*')";
      frames.other.document.body.append(script);
    });
    await frame.evaluate(() => window.postMessage({ type: 'mmscope:seek', version: 1, at: '9' }, '*'));
    await ask(opened, { type: 'mmscope:state' });
    assert.equal(await shownAt(frame), '2');
    assert.equal((await heard(opened, 'mmscope:error')).length, 0);
  } finally {
    await opened.close();
  }
});

test('a page that nobody embeds posts nothing and reads nothing', async () => {
  const opened = await open({ query: '#s=02-buddy&at=2' });
  try {
    const { page } = opened;
    await page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
    await page.evaluate(() => {
      window.__posted = 0;
      window.addEventListener('message', () => { window.__posted += 1; });
    });
    await page.click('#go-next');
    assert.equal(await page.evaluate(() => window.__posted), 0);
    await page.evaluate(() => window.postMessage({ type: 'mmscope:seek', version: 1, at: '9' }, '*'));
    await page.waitForFunction(() => window.__posted === 1);
    assert.equal(await page.locator('#goto').inputValue(), '3');
  } finally {
    await opened.close();
  }
});

// ---- the element ----------------------------------------------------------------------------------------------------

const ELEMENTS = `<script>
  window.heard = [];
  for (const type of ['ready', 'step', 'select', 'answer', 'result', 'error']) {
    addEventListener('mmscope:' + type, (event) => heard.push([event.target.id, type, event.detail]));
  }
</script>`;
const LESSONS = ['02-buddy', '03-watermarks-x86', '04-numa-arm64', '05-pcp'];
const four = (ours) => LESSONS.map((lesson, i) => `<mm-scope id="e${i}" scenario="${lesson}" at="${i + 1}" lang="en-GB" controls="full"></mm-scope>`).join('\n');
const readyIn = (opened, n) => until(`${n} elements are ready`, async () =>
  (await opened.page.evaluate(() => window.heard.filter(([, type]) => type === 'ready').length)) >= n);

test('four elements on one page: bytes once, no frames at rest, the focus and scroll of the host untouched', async () => {
  // What the server answers with a body; without one it is the answer "still so", 304.
  const sent = [];
  const told = ({ request, response }) => { if (response.statusCode === 200) sent.push(request.url); };
  subscribe('http.server.response.finish', told);
  const opened = await openHost({
    viewport: { width: 700, height: 900 },
    html: (ours) => `${ELEMENTS}<input id="own" autofocus><script src="${ours}embed/mm-scope.js"></script>${four()}`,
  });
  try {
    const { page } = opened;
    await readyIn(opened, 4);
    assert.deepEqual((await page.evaluate(() => window.heard.filter(([, type]) => type === 'ready').map(([id, , { scenario, at }]) => `${id} ${scenario} ${at}`))).sort(),
      LESSONS.map((lesson, i) => `e${i} ${lesson} ${i + 1}`));
    assert.deepEqual(await page.evaluate(() => [document.activeElement.id, scrollY]), ['own', 0]);

    assert.ok(sent.some((path) => path.endsWith('/mmscope.wasm')), 'it is told');
    assert.deepEqual(sent.filter((path, i) => sent.indexOf(path) !== i && !path.includes('/scenarios/')), [], 'nothing twice');

    const frames = opened.frames();
    await until('rest', async () => {
      const before = await Promise.all(frames.map((frame) => frame.evaluate(() => window.__watch.frames)));
      await framesDuring(page, 500);
      const after = await Promise.all(frames.map((frame) => frame.evaluate(() => window.__watch.frames)));
      return after.every((n, i) => n === before[i]);
    });
    await assertHostClean(opened);
  } finally {
    unsubscribe('http.server.response.finish', told);
    await opened.close();
  }
});

test('an element that is far from the screen waits until it comes near', async () => {
  const opened = await openHost({ html: (ours) => `${ELEMENTS}<script src="${ours}embed/mm-scope.js"></script>
    <mm-scope id="near" scenario="02-buddy"></mm-scope><p style="height: 5000px"></p><mm-scope id="far" scenario="05-pcp"></mm-scope>` });
  try {
    await readyIn(opened, 1);
    assert.equal(opened.frames().length, 1);
    await opened.page.evaluate(() => document.querySelector('#far').scrollIntoView());
    await readyIn(opened, 2);
    assert.equal(opened.frames().length, 2);
  } finally {
    await opened.close();
  }
});

for (const kind of ['js', 'mjs']) {
  test(`attributes, methods and events of the element (mm-scope.${kind})`, async () => {
    // A module from another origin needs the header.
    const ours = await startServer(DIST, { base: '/m/', headers: { 'Access-Control-Allow-Origin': '*' } });
    const opened = await openHost({
      ours: ours.url,
      html: (at) => `${ELEMENTS}<script ${kind === 'mjs' ? 'type="module"' : ''} src="${at}embed/mm-scope.${kind}"></script>
        <style>mm-scope { height: 300px; width: 500px; }</style>
        <mm-scope id="one" scenario="02-buddy" at="4.1.2" view="map" sel="zone:0/DMA" lang="zh-CN" theme="dark"></mm-scope>`,
    });
    try {
      const { page } = opened;
      const frame = await opened.loaded();
      await readyIn(opened, 1);
      const [[, , ready]] = await page.evaluate(() => window.heard);
      assert.deepEqual(ready, { scenario: '02-buddy', at: '4.1.2', steps: 21, view: 'map', language: 'zh' });
      assert.equal(await frame.evaluate(() => document.documentElement.hasAttribute('data-dark')), true);
      const box = await page.evaluate(() => {
        const inner = one.shadowRoot.querySelector('iframe');
        return [inner.title, inner.clientWidth, inner.clientHeight];
      });
      assert.deepEqual(box, ['mmscope: 02-buddy 4.1.2', 500, 300]);

      assert.equal((await page.evaluate(() => one.seek('7'))).at, '7');
      assert.equal((await page.evaluate(() => one.play())).playing, true);
      assert.equal((await page.evaluate(() => one.play(false))).playing, false);
      assert.equal((await page.evaluate(() => one.load('05-pcp'))).scenario, '05-pcp');
      // Many at once: one after the other, and none is lost.
      const all = await page.evaluate(() => Promise.all(Array.from({ length: 100 }, (_, i) => one.seek(i % 10))));
      assert.deepEqual(all.map(({ at }) => at), all.map((_, i) => String(i % 10)));
      assert.match(await page.evaluate(() => one.seek('x').catch(({ message }) => message)), /不是位置/);
      assert.match(await page.evaluate(() => one.load({ text: '{' }).catch(({ messages }) => messages.en)), /^Line 1, column 2/);

      assert.equal((await page.evaluate(() => { one.setAttribute('at', '3'); return one.state(); })).at, '3');
      const loaded = await page.evaluate(() => { one.setAttribute('scenario', '02-buddy'); one.setAttribute('at', '5'); return one.state(); });
      assert.deepEqual([loaded.scenario, loaded.at, loaded.view], ['02-buddy', '5', 'map']);
      await page.evaluate(() => { one.title = 'A block is split'; one.setAttribute('at', 'x'); });
      await until('the error of an attribute', () => page.evaluate(() => window.heard.some(([, type, detail]) => type === 'error' && /“x” is no place/.test(detail.message.en))));
      assert.equal(await page.evaluate(() => one.shadowRoot.querySelector('iframe').title), 'A block is split');

      // Another language is another frame; what was asked meanwhile is answered by it.
      const english = await page.evaluate(() => { one.setAttribute('lang', 'en'); one.setAttribute('at', '6'); return one.state(); });
      assert.deepEqual([english.language, english.at], ['en', '6']);
      assert.match(await page.evaluate(() => { const asked = one.state(); one.remove(); return asked.catch(({ messages }) => messages.en); }), /taken away/);
      assert.equal(opened.frames().length, 0);
      await assertHostClean(opened);
    } finally {
      await opened.close();
      await ours.close();
    }
  });
}

test('an element that knows no page, or a page that is none, says so', async () => {
  const opened = await openHost({ html: (ours) => `${ELEMENTS}<script src="${ours}embed/mm-scope.js"></script>
    <mm-scope id="bad" src="javascript:alert(1)" scenario="02-buddy"></mm-scope><mm-scope id="good" scenario="02-buddy"></mm-scope>` });
  try {
    const { page } = opened;
    await readyIn(opened, 1);
    const [[id, type, { message }]] = await page.evaluate(() => window.heard);
    assert.deepEqual([id, type], ['bad', 'error']);
    assert.match(message.en, /its attribute src takes the address/);
    assert.match(await page.evaluate(() => bad.shadowRoot.textContent), /its attribute src takes the address/);
    await page.evaluate((folder) => bad.setAttribute('src', folder), opened.ours.replace(/\/$/, ''));
    await readyIn(opened, 2);
    await page.evaluate(() => {  // half a character is no reason for others to wait
      for (const scenario of ['\ud800', '05-pcp']) document.body.append(Object.assign(document.createElement('mm-scope'), { title: scenario }));
      for (const element of document.querySelectorAll('mm-scope[title]')) element.setAttribute('scenario', element.title);
    });
    await readyIn(opened, 4);
    await assertHostClean(opened);
  } finally {
    await opened.close();
  }
});

// ---- scripts that do not run ------------------------------------------------------------------------------------------

const WITHIN_MS = 5000;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
const fileOf = (path) => (existsSync(join(DIST, path)) ? { type: TYPES[extname(path)] ?? 'text/plain', body: readFileSync(join(DIST, path)) } : null);

const told = (frame) => frame.evaluate(() => {
  const box = document.querySelector('#stuck');
  return box && getComputedStyle(box).visibility === 'visible' ? box.innerText : '';
});

// Opens a frame in which the page does not start, and gives what it says, as soon as it does.
async function stuck({ attributes = '', headers = {}, changed }, body) {
  const ours = changed ? await startHost((path) => (path in changed ? changed[path] : fileOf(path))) : await startServer(DIST, { base: '/s/', headers });
  const opened = await openHost({ ours: ours.url, html: (at) => frameOf(`${at}embed.html#s=02-buddy&at=2`, { attributes }) });
  try {
    const frame = await opened.frame();
    const text = await until('it is told', () => told(frame).catch(() => ''), WITHIN_MS);
    await body(text, frame, opened);
  } finally {
    await opened.close();
    await ours.close();
  }
}

test('a sandbox without allow-same-origin is told in both languages, with what helps', () => stuck({ attributes: 'sandbox="allow-scripts"' }, (text) => {
  assert.match(text, /sandbox="allow-scripts allow-same-origin"/);
  assert.match(text, /Access-Control-Allow-Origin: \*/);
  assert.match(text, /沙盒/);
}));

test('with Access-Control-Allow-Origin the sandboxed frame works, answers, and keeps nothing', async () => {
  const ours = await startServer(DIST, { base: '/s/', headers: { 'Access-Control-Allow-Origin': '*' } });
  const opened = await openHost({ ours: ours.url, html: (at) => LISTEN + frameOf(`${at}embed.html#s=02-buddy&at=2`, { attributes: 'sandbox="allow-scripts"' }) });
  try {
    const frame = await opened.loaded();
    const [ready] = await hearing(opened, 'mmscope:ready');
    assert.equal(ready.from, 'null');
    assert.equal((await ask(opened, { type: 'mmscope:seek', at: '4' })).at, '4');
    assert.equal((await ask(opened, { type: 'mmscope:load', text: OWN })).scenario, 'own');
    await frame.click('#go-next');
    await frame.waitForFunction(() => document.querySelector('#goto').value === '1');
    await frame.evaluate(() => document.querySelector('#share').click());
    await assertHostClean(opened);
  } finally {
    await opened.close();
    await ours.close();
  }
});

test('a sandboxed frame with allow-same-origin works', hosting('embed.html#s=02-buddy&at=2', async (opened) => {
  assert.equal((await ask(opened, { type: 'mmscope:seek', at: '4' })).at, '4');
}, { attributes: 'sandbox="allow-scripts allow-same-origin"' }));

test('without scripts the HTML says it by itself', () => stuck({ headers: { 'Content-Security-Policy': "script-src 'none'" } }, (text) => {
  assert.match(text, /scripts may be forbidden/);
  assert.match(text, /不允许运行脚本/);
}));

test('a policy that allows other scripts only is told', () => stuck({ headers: { 'Content-Security-Policy': "script-src 'self' 'wasm-unsafe-eval'; script-src-elem 'sha256-AAAA'" } }, (text) => {
  assert.match(text, /scripts may be forbidden/);
}));

for (const [name, answer, words] of [
  ['that is missing', null, /A script could not be loaded or run[^]*js\/main\.js/],
  ['with an error in it', { type: 'text/javascript', body: 'export const = ;' }, /A script could not be loaded or run[^]*SyntaxError/],
]) {
  test(`a script ${name} is told, and the page can be loaded again`, () => {
    const changed = { '/js/main.js': answer };
    return stuck({ changed }, async (text, frame, { loaded }) => {
      assert.match(text, words);
      assert.match(text, /脚本无法/);
      delete changed['/js/main.js'];
      await frame.click('#stuck-reload');
      const again = await loaded();
      assert.match(await again.evaluate(() => location.hash), /s=02-buddy&at=2/, 'at the same place');
    });
  });
}

test('an engine that may not be compiled is told with a button that loads the page again', async () => {
  const ours = await startServer(DIST, { base: '/s/', headers: { 'Content-Security-Policy': "script-src 'self'" } });
  const opened = await openHost({ ours: ours.url, html: (at) => frameOf(`${at}index.html#s=02-buddy&lang=zh`) });
  try {
    const frame = await opened.frame();
    await until('it is told', () => frame.evaluate(() => document.documentElement.dataset.failed === 'engine').catch(() => false));
    assert.match(await frame.evaluate(() => document.querySelector('#trouble').innerText), /引擎无法载入[^]*重新载入|引擎无法载入[^]*重新加载/);
  } finally {
    await opened.close();
    await ours.close();
  }
});
