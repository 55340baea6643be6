// Links: every one that was ever made opens what it opened; one that is newer, cut, changed or hostile says what is wrong and
// leaves what was open; and another site's scenario is asked about before anything is asked of that site.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { versionOf } from '../../web/embed/result-code.js';
import { pack, unpack } from '../../web/js/send/pack.js';
import { missing, published, table } from '../../tools/published.mjs';
import { changeSource } from './change-source.mjs';
import { assertClean, linkOf, open, withPage } from './harness.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const BUDDY = readFileSync(join(HERE, '../../scenarios/02-buddy.json'), 'utf8');
const FROM = `from=02-buddy.${versionOf(BUDDY)}`;
const CHANGED = BUDDY.replace('"order": 4, "gfp": "GFP_KERNEL", "as": "c"', '"order": 3, "gfp": "GFP_KERNEL", "as": "c"');

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const onPage = (options, body) => withPage(options, async (opened) => {
  await loaded(opened.page);
  await body(opened);
});
const toHash = (page, link) => page.evaluate((to) => { location.hash = to; }, link);
const told = (page) => page.locator('#notice-text').textContent();
const title = (page) => page.locator('#title').textContent();
const source = (page) => page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.source);

// ---- links that were made -------------------------------------------------------------------------------------------

/** [{link, wanted: {scenario, at, …}}] of a file of links/. */
const linksOf = (file) => readFileSync(join(HERE, 'links', file), 'utf8').split('\n').filter((line) => /^#\S+=/.test(line)).map((line) => {
  const [link, ...pairs] = line.split(' ');
  return { link, wanted: Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])) };
});

/** What is open, of that which `wanted` names. */
const opens = (page, wanted) => page.evaluate(async (names) => {
  const { app } = await import(new URL('js/main.js', location.href));
  const { versionOf } = await import(new URL('embed/result-code.js', location.href));
  const seen = { scenario: app.scenario.id.replace(/-\d+$/, ''), at: app.state.at, view: app.state.view, sel: app.state.select, lang: app.language };
  if (app.scenario.id === names.scenario) seen.scenario = app.scenario.id;
  if (names.crc) seen.crc = versionOf(app.source);
  return Object.fromEntries(Object.keys(names).map((name) => [name, seen[name]]));
}, wanted);

async function waitOpens(page, { link, wanted }) {
  const deadline = Date.now() + 15_000;
  let seen = null;
  while (Date.now() < deadline) {
    seen = await opens(page, wanted);
    if (JSON.stringify(seen) === JSON.stringify(wanted)) break;
    await new Promise((done) => { setTimeout(done, 60); });
  }
  assert.deepEqual(seen, wanted, link);
  assert.ok(await page.locator('#notice').isHidden(), `${link}: ${await told(page)}`);
}

for (const file of readdirSync(join(HERE, 'links'))) {
  test(`every link of links/${file} opens what it always opened`, onPage({ query: '#s=01-boot' }, async ({ page }) => {
    for (const row of linksOf(file)) {
      await toHash(page, row.link);
      await waitOpens(page, row);
    }
  }));

  test(`links of links/${file} open in a fresh tab`, async () => {
    for (const row of linksOf(file).filter((_, i) => i % 6 === 3)) {
      const opened = await open({ query: row.link });
      try {
        await loaded(opened.page);
        await waitOpens(opened.page, row);
        await assertClean(opened);
      } finally {
        await opened.close();
      }
    }
  });
}

test('texts that links were packed with are kept, and the table has the lessons of today', () => {
  assert.deepEqual(missing(), [], 'node tools/published.mjs --keep writes scenarios/earlier/… from the history');
  assert.deepEqual(published(), table(), './dev generate adds the lessons of today');
});

// ---- packing --------------------------------------------------------------------------------------------------------

const zlibOptions = (base) => (base ? { dictionary: Buffer.from(base).subarray(-32768) } : {});
const bytesOf = (packed) => Buffer.from(packed.slice(2), 'base64url');

test('a text comes back exactly, and zlib reads the same out of it', () => {
  for (const text of [BUDDY, CHANGED, '{}', ` \r\n\t${CHANGED}\n`, '\ufeff{"语": "𝄞"}', BUDDY.repeat(20), '']) {
    for (const base of ['', BUDDY, 'x'.repeat(100_000)]) {
      const packed = pack(text, base);
      assert.match(packed, /^1\.[\w-]+$/);
      assert.deepEqual(unpack(packed, base), { text });
      assert.equal(zlib.inflateRawSync(bytesOf(packed).subarray(4), zlibOptions(base)).toString(), text);
      assert.equal(bytesOf(packed).readUInt32BE().toString(16).padStart(8, '0'), versionOf(text));
    }
  }
});

test('of a changed lesson the difference is packed', () => {
  assert.ok(pack(CHANGED, BUDDY).length < 300, `${pack(CHANGED, BUDDY).length}`);
  assert.ok(pack(CHANGED).length > 3000);
});

test('every cut and every changed letter is noticed', () => {
  const packed = pack(CHANGED, BUDDY);
  for (let length = 0; length < packed.length; ++length) {
    const { text, wrong } = unpack(packed.slice(0, length), BUDDY);
    // Of the last letters some carry no bit of the text.
    if (text !== undefined) assert.ok(text === CHANGED && length > packed.length - 4, `${length}`);
    else assert.equal(wrong, 'cut', `${length} of ${packed.length}`);
  }
  for (let at = 2; at < packed.length - 3; ++at) {
    for (const letter of [packed[at] === 'A' ? 'B' : 'A', '.', '%', ' ']) {
      const { text, wrong } = unpack(packed.slice(0, at) + letter + packed.slice(at + 1), BUDDY);
      assert.ok(text === undefined || text === CHANGED, `${at}`);
      if (text === undefined) assert.ok(['cut', 'changed', 'large'].includes(wrong), `${at}`);
    }
  }
  assert.equal(unpack(packed, `${BUDDY} `).wrong, 'changed', 'another base');
  assert.deepEqual(unpack(`2${packed.slice(1)}`, BUDDY), { wrong: 'newer', codec: '2' });
});

const parcel = (bytes) => `1.${Buffer.concat([Buffer.alloc(4), bytes]).toString('base64url')}`;
const BOMB = parcel(zlib.deflateRawSync(Buffer.alloc(40 << 20)));

test('what would unpack to more than a scenario may have is given up', () => {
  assert.ok(BOMB.length < 65_000);
  assert.deepEqual(unpack(BOMB), { wrong: 'large' });
});

// ---- links that are wrong -------------------------------------------------------------------------------------------

const GOOD = `#${FROM}&at=4&view=map&z=${pack(CHANGED, BUDDY)}`;
const WRONG = {
  'newer codec': [GOOD.replace('z=1.', 'z=7.'), /made by a newer page.*z=7/, /更新的页面/],
  'cut in the middle': [GOOD.slice(0, -60), /is cut/, /不完整/],
  'cut before the scenario': [GOOD.slice(0, GOOD.indexOf('&z=')), /is cut/, /不完整/],
  'a changed letter': [GOOD.replace(/z=1\.(.{8})./, (_, head) => `z=1.${head}~`), /was changed/, /被改动/],
  'an unknown base': [GOOD.replace(/from=02-buddy\.\w+/, 'from=02-buddy.00000000'), /“02-buddy”.*does not know/, /“02-buddy”.*不认识/],
  'a lesson that is not there': [GOOD.replace('from=02-buddy', 'from=99-nothing'), /“99-nothing”/, /“99-nothing”/],
  'a bomb': [`#z=${BOMB}`, /larger than 4 MiB/, /超过 4 MiB/],
  'no scenario': [`#z=${pack('[1, 2]')}`, /could not be opened/, /无法打开/],
  'no text': [`#z=${parcel(zlib.deflateRawSync(Buffer.from([0xff, 0xfe, 0x80])))}`, /was changed/, /被改动/],
  'markup': [`#z=<img%20src=x%20onerror=alert(1)>`, /was changed/, /被改动/],
  'half a letter': ['#z=1.%ED%A0%80', /is not understood.*z=1/, /无法理解/],
  'nothing that can be read': ['#%=&s=..%2findex&__proto__=1', /is not understood/, /无法理解/],
  'too long': [`#z=1.${'A'.repeat(70_000)}`, /more than 65,536 characters/, /超过 65,536/],
};

for (const [name, [link, en, zh]] of Object.entries(WRONG)) {
  test(`a link with ${name} is told in both languages, and what was open stays`, onPage({ query: '#s=05-pcp&at=2&view=pcp' }, async ({ page }) => {
    const before = await title(page);
    await toHash(page, link);
    await page.locator('#notice').waitFor();
    assert.match(await told(page), en);
    assert.ok((await told(page)).length < 620);
    assert.equal(await title(page), before);
    assert.equal(await page.locator('#goto').inputValue(), '2');
    await page.waitForFunction(() => location.hash.startsWith('#s=05-pcp&at=2'));
    await page.click('#lang-zh');
    assert.match(await told(page), zh);
  }));
}

const PARTS = {
  'a panel that is not there': ['panel=nothing', /does not fit here: “panel=nothing”/, /不适用：“panel=nothing”/],
  'a file that /proc has not': ['panel=proc&file=cpuinfo', /no file “cpuinfo” in the \/proc panel; .*stays/, /\/proc 面板里没有文件“cpuinfo”/],
  'a part twice': ['view=map&at=2&view=zones', /“view” more than once.*last/, /“view”写了不止一次/],
};
for (const [name, [part, en, zh]] of Object.entries(PARTS)) {
  test(`a link with ${name} is followed, and it is told in both languages`, onPage({ query: '#s=05-pcp&at=2&view=pcp' }, async ({ page }) => {
    await toHash(page, `#s=02-buddy&at=3&${part}`);
    await page.locator('#notice').waitFor();
    assert.match(await told(page), en);
    assert.match(await title(page), /Buddies/);
    assert.equal(await page.locator('#goto').inputValue(), part.includes('at=2') ? '2' : '3');
    if (part.includes('view=')) assert.equal(await page.locator('#tab-zones').getAttribute('aria-selected'), 'true');
    await page.click('#lang-zh');
    assert.match(await told(page), zh);
  }));
}

test('a page that is opened by a wrong link shows the first lesson and says what is wrong', async () => {
  for (const name of ['cut in the middle', 'a bomb', 'too long']) {
    const opened = await open({ query: WRONG[name][0] });
    try {
      await loaded(opened.page);
      assert.match(await told(opened.page), WRONG[name][1]);
      assert.match(await linkOf(opened.page), /^#s=02-buddy/);
      assert.equal(await opened.page.locator('#goto').inputValue(), '0');
      await assertClean(opened);
    } finally {
      await opened.close();
    }
  }
});

// ---- one's own scenario in the address ------------------------------------------------------------------------------

test('a lesson that is changed shows its text at the step where one stands', onPage({ query: '#s=02-buddy&at=6' }, async ({ page }) => {
  await page.click('#tab-source');
  await page.click('#change-source');
  assert.match(await page.locator('#dialog-title').innerText(), /copy of “Buddies/);
  const selected = await page.locator('#paste-text').evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
  assert.deepEqual(JSON.parse(selected), JSON.parse(BUDDY).steps[5]);
}));

test('an op is changed in the source, runs at the same place, and its link opens in a fresh tab', async () => {
  const opened = await open({ query: '#s=02-buddy&at=4&view=map' });
  let link;
  try {
    const { page } = opened;
    await loaded(page);
    await changeSource(page, '"order": 4, "gfp": "GFP_KERNEL", "as": "c"', '"order": 3, "gfp": "GFP_KERNEL", "as": "c"');
    assert.equal(await source(page), CHANGED);
    assert.equal(await page.locator('#goto').inputValue(), '4');
    assert.equal(await page.locator('#tab-map').getAttribute('aria-selected'), 'true');
    assert.match(await page.locator('#changed-from').innerText(), /Changed from “Buddies: split and merge”/);
    link = await linkOf(page);
    assert.ok(link.startsWith(`#${FROM}&at=4&view=map`), link);
    assert.ok(link.length < 400, `${link.length}`);
    await page.click('#changed-from button');
    await page.waitForFunction(() => location.hash.startsWith('#s=02-buddy&at=4&view=map'));
    assert.ok(await page.locator('#changed-from').isHidden());
    await page.goBack();
    await page.waitForFunction((wanted) => location.hash === wanted, link);
    assert.equal(await source(page), CHANGED);
    await assertClean(opened);
  } finally {
    await opened.close();
  }
  const fresh = await open({ query: link });
  try {
    const { page } = fresh;
    await loaded(page);
    assert.equal(await source(page), CHANGED);
    assert.equal(await page.locator('#goto').inputValue(), '4');
    assert.ok(await page.locator('#changed-from').isVisible());
    assert.equal(await page.locator('#gallery .own').count(), 1, 'it is one of the person’s own now');
    await page.reload();
    await loaded(page);
    assert.equal(await source(page), CHANGED);
    assert.equal(await page.locator('#gallery .own').count(), 1, 'the same text is the same scenario');
    await assertClean(fresh);
  } finally {
    await fresh.close();
  }
});

test('a text that is pasted is known by its title to derive from a lesson', onPage({ query: '#s=05-pcp' }, async ({ page }) => {
  await page.click('#paste');
  await page.fill('#paste-text', CHANGED);
  await page.click('#paste-load');
  await page.waitForFunction((from) => location.hash.startsWith(`#${from}`), FROM);
  assert.match(await page.locator('#changed-from').innerText(), /Buddies: split and merge/);
}));

test('a scenario that is too large for a link keeps the address of its tab', onPage({ query: '#s=02-buddy' }, async ({ page }) => {
  // Numbers of which no two are alike, so that they do not get smaller.
  const noise = (n) => Array.from({ length: 40 }, (_, i) => (((40 * n + i) * 2654435761) % 4294967296).toString(36)).join(' ');
  const steps = Array.from({ length: 60 }, (_, n) => ({ op: 'alloc_pages', order: 0, gfp: 'GFP_KERNEL', as: `a${n}`, note: noise(n) }));
  const refused = await page.evaluate(async (text) => {
    const { app } = await import(new URL('js/main.js', location.href));
    const error = await app.openOwn(text);
    await app.pack();
    return error;
  }, JSON.stringify({ ...JSON.parse(CHANGED), title: 'Large', steps }));
  assert.equal(refused, null);
  assert.match(await linkOf(page), /^#s=own&/);
  await page.click('#share');
  await page.locator('#share-large').waitFor();
  assert.match(await page.locator('#share-large').innerText(), /too large for a link of 8 kB/);
  await page.click('#share-panel .row button');
  assert.match(await page.locator('#share-panel').innerText(), /scenario\.json, \d+\.\d kB/);
}));

// ---- another site ---------------------------------------------------------------------------------------------------

const SITE = 'https://example.org/lessons/mine.json?v=2';
const URL_LINK = `#at=4&url=${encodeURIComponent(SITE)}`;

// No test asks another site: what it would answer is put in the place of fetch(), which keeps how it was called.
const answer = (page, reply) => page.evaluate((r) => {
  const real = window.fetch;
  window.__asked = [];
  window.fetch = (url, options) => {
    if (!String(url).startsWith('https:')) return real(url, options);
    window.__asked.push({ url: String(url), credentials: options.credentials, referrerPolicy: options.referrerPolicy });
    if (r.never) return new Promise((_, failed) => { options.signal.addEventListener('abort', () => failed(new DOMException('', 'AbortError'))); });
    if (r.network) return Promise.reject(new TypeError('Failed to fetch'));
    const piece = new TextEncoder().encode(r.text ?? '');
    let times = r.times ?? 1;
    const body = new ReadableStream({ pull(controller) {
      window.__pieces = (window.__pieces ?? 0) + 1;
      if (times-- > 0) controller.enqueue(r.bytes ? new Uint8Array(r.bytes) : piece);
      else controller.close();
    } });
    const response = new Response(body, { status: r.status ?? 200 });
    Object.defineProperty(response, 'url', { value: r.url ?? String(url) });
    return Promise.resolve(response);
  };
}, reply);

test('another site is asked only after the person has seen its whole address and agreed', onPage({ query: '#s=05-pcp' }, async ({ page }) => {
  await answer(page, { text: CHANGED });
  await toHash(page, URL_LINK);
  await page.locator('#elsewhere').waitFor();
  assert.equal(await page.locator('#elsewhere-address').innerText(), SITE);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'elsewhere-no');
  assert.deepEqual(await page.evaluate(() => window.__asked), [], 'nothing yet');
  await page.click('#elsewhere-no');
  await page.waitForFunction(() => location.hash.startsWith('#s=05-pcp'));
  assert.deepEqual(await page.evaluate(() => window.__asked), [], 'nor after a no');
  await toHash(page, URL_LINK);
  await page.click('#elsewhere-load');
  await page.waitForFunction(() => document.querySelector('#goto').value === '4');
  assert.deepEqual(await page.evaluate(() => window.__asked), [{ url: SITE, credentials: 'omit', referrerPolicy: 'no-referrer' }]);
  assert.equal(await source(page), CHANGED);
  assert.ok(await page.locator('#dialog').isHidden());
  await page.waitForFunction((from) => location.hash.startsWith(`#${from}`), FROM);
}));

test('a page that is opened by such a link shows the first lesson behind the question', async () => {
  const opened = await open({ query: URL_LINK });
  try {
    const { page } = opened;
    await page.locator('#elsewhere').waitFor();
    assert.equal(await title(page), 'Buddies: split and merge');
    assert.equal(await page.evaluate(() => location.hash), URL_LINK, 'who loads the page again is asked again');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => location.hash.startsWith('#s=02-buddy'));
    await assertClean(opened);
  } finally {
    await opened.close();
  }
});

test('another link takes the question away', onPage({ query: '#s=05-pcp' }, async ({ page }) => {
  await toHash(page, URL_LINK);
  await page.locator('#elsewhere').waitFor();
  await toHash(page, '#s=02-buddy&at=3');
  await page.waitForFunction(() => document.querySelector('#goto').value === '3');
  assert.ok(await page.locator('#dialog').isHidden());
  await page.waitForFunction(() => location.hash.startsWith('#s=02-buddy&at=3'));
}));

const FAILURES = {
  'no answer, or one that other sites may not read': [{ network: true }, /does not answer, or it does not let other sites/],
  'a status': [{ status: 404, text: 'no' }, /status 404/],
  'more than 4 MiB': [{ text: ' '.repeat(65536), times: 1e6 }, /larger than 4 MiB/],
  'bytes that are no text': [{ bytes: [0xff, 0xfe, 0] }, /not text in UTF-8/],
  'a page of HTML': [{ text: '<!doctype html><script>alert(1)</script>' }, /no scenario/],
};
for (const [name, [reply, words]] of Object.entries(FAILURES)) {
  test(`${name} from another site is told, and what was open stays`, onPage({ query: '#s=05-pcp&at=2' }, async ({ page }) => {
    await answer(page, reply);
    await toHash(page, URL_LINK);
    await page.click('#elsewhere-load');
    await page.locator('#elsewhere-error').waitFor();
    assert.match(await page.locator('#elsewhere-error').innerText(), words);
    if (reply.times) assert.ok(await page.evaluate(() => window.__pieces) < 80, 'it is not read to its end');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => location.hash.startsWith('#s=05-pcp&at=2'));
    assert.equal(await title(page), 'Per-CPU pages');
  }));
}

test('a scenario of another site that the engine refuses is told by its address', onPage({ query: '#s=05-pcp&at=2' }, async ({ page }) => {
  await answer(page, { text: '{"format": "mmscope/1", "steps": 3}' });
  await toHash(page, URL_LINK);
  await page.click('#elsewhere-load');
  await page.locator('#notice').waitFor();
  assert.match(await told(page), /“https:\/\/example\.org\/lessons\/mine\.json\?v=2” could not be opened: Line 1/);
  assert.equal(await title(page), 'Per-CPU pages');
}));

test('a site that passes on to another address is told', onPage({ query: '#s=05-pcp' }, async ({ page }) => {
  await answer(page, { text: CHANGED, url: 'https://other.example/mine.json' });
  await toHash(page, URL_LINK);
  await page.click('#elsewhere-load');
  await page.locator('#notice').waitFor();
  assert.match(await told(page), /from which the scenario came: https:\/\/other\.example\/mine\.json/);
}));

test('waiting for another site can be ended, and ends by itself', onPage({ query: '#s=05-pcp' }, async ({ page }) => {
  await answer(page, { never: true });
  await page.evaluate(() => {
    const real = window.setTimeout;
    window.setTimeout = (act, ms, ...rest) => real(act, ms === 10_000 ? 300 : ms, ...rest);
  });
  await toHash(page, URL_LINK);
  await page.click('#elsewhere-load');
  await page.locator('#elsewhere progress').waitFor();
  await page.locator('#elsewhere-error').waitFor();
  assert.match(await page.locator('#elsewhere-error').innerText(), /more than ten seconds/);
  await page.click('#elsewhere-load');
  await page.locator('#elsewhere progress').waitFor();
  await page.click('#elsewhere-no');
  assert.ok(await page.locator('#dialog').isHidden());
  await page.waitForFunction(() => location.hash.startsWith('#s=05-pcp'));
}));

test('addresses of which nothing is asked are told', onPage({ query: '#s=05-pcp' }, async ({ page }) => {
  await answer(page, { text: CHANGED });
  for (const address of ['http://example.org/a.json', 'javascript:alert(1)', 'data:application/json,{}', 'file:///etc/passwd', '//example.org/a.json',
    'https://name:word@example.org/a.json', 'nonsense', '']) {
    await toHash(page, `#url=${encodeURIComponent(address)}`);
    await page.waitForFunction((a) => document.querySelector('#notice-text').textContent.includes(`“${a}”`), address);
    assert.match(await told(page), /has to begin with https/);
    await page.click('#notice-close');
    await page.waitForFunction(() => location.hash.startsWith('#s=05-pcp'));
  }
  assert.deepEqual(await page.evaluate(() => window.__asked), []);
}));

test('the policy of the page lets nothing be asked but by https', async () => {
  const opened = await open({ query: '#s=05-pcp' });
  try {
    const { page } = opened;
    await loaded(page);
    const blocked = await page.evaluate(async () => {
      const ends = await Promise.all(['http://127.0.0.1:9/a', 'ws://127.0.0.1:9/a', 'https://127.0.0.1:9/a'].map((url) => (url.startsWith('ws')
        ? new Promise((done) => { try { new WebSocket(url).onerror = done; } catch { done(); } }) : fetch(url).catch(() => {}))));
      await new Promise((done) => { setTimeout(done, 200); });
      return { asked: ends.length, violations: window.__watch.violations };
    });
    assert.deepEqual(blocked.violations.map((text) => text.split(' ').slice(0, 2).join(' ')).sort(),
      ['connect-src: http://127.0.0.1:9/a', 'connect-src: ws://127.0.0.1:9/a']);
  } finally {
    await opened.close();
  }
});
