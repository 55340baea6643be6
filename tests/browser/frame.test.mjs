// The small frame: embed.html at any size, and the page where its window is small. What is there, what it is told in its link,
// and that it leaves the page around it alone.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { cannot, framesDuring, pixelsOf, waitAtRest, withPage } from './harness.mjs';
import { assertHostClean, frameOf, openHost } from './host-page.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const box = (page, selector) => page.locator(selector).evaluate((element) => element.getBoundingClientRect().toJSON());
const state = (page) => page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.state);
const text = (page, selector) => page.locator(selector).innerText();
const besides = (page) => page.evaluate(() => document.documentElement.dataset.beside);

// A test whose page is whole.
const onPage = (options, body) => withPage(options, async (opened) => {
  await loaded(opened.page);
  await body(opened);
});

// ---- every size -----------------------------------------------------------------------------------------------------

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const findings = async (page) => {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`);
  });
};

async function picture(page, { width, height }) {
  const canvas = await box(page, '#canvas');
  assert.ok(canvas.width >= 180 && canvas.height >= 60, `the picture: ${JSON.stringify(canvas)}`);
  for (const id of ['go-back', 'where', 'go-next']) {
    const { left, right, top, bottom } = await box(page, `#${id}`);
    assert.ok(right - left > 20 && left >= 0 && right <= width && top >= 0 && bottom <= height, `${id} is in sight`);
  }
  const why = await box(page, '#why-text');
  const line = await page.locator('#why-text').evaluate((element) => parseFloat(getComputedStyle(element).lineHeight));
  assert.ok(why.height > 0.9 * line && why.height < 2.1 * line, `one or two lines: ${why.height} of ${line}`);
  assert.ok(why.left >= 0 && why.right <= width && why.bottom <= height);
}

/** The question and all that can be chosen can be seen, at most by scrolling up and down. */
async function asked(page, { width, height }) {
  const seen = await page.evaluate(() => {
    const panel = document.getElementById('steps');
    const question = panel.querySelector('.question:not([hidden])');
    const rows = [...question.querySelectorAll('legend, .choice, [type=submit]')].filter((row) => row.checkVisibility());
    const edge = panel.getBoundingClientRect();
    return {
      edge: edge.toJSON(), wide: panel.scrollWidth > panel.clientWidth, rows: rows.length,
      begins: rows[0].getBoundingClientRect().top - edge.top,
      out: rows.filter((row) => row.getBoundingClientRect().left < edge.left || row.getBoundingClientRect().right > edge.right).length,
      high: rows.at(-1).getBoundingClientRect().bottom - rows[0].getBoundingClientRect().top,
    };
  });
  assert.ok(seen.rows >= 4 && seen.begins >= 0, JSON.stringify(seen));
  assert.ok(seen.begins < 24 || seen.begins + seen.high <= seen.edge.height, `from its beginning: ${JSON.stringify(seen)}`);
  assert.ok(!seen.wide && seen.out === 0, 'nothing has to be scrolled sideways');
  assert.ok(seen.edge.left >= 0 && seen.edge.right <= width && seen.edge.bottom <= height, JSON.stringify(seen));
  assert.ok(height < 300 || seen.high <= seen.edge.bottom - seen.edge.top, `all of it at once: ${JSON.stringify(seen)}`);
}

const SIZES = [
  ['embed.html', 640, 400], ['embed.html', 480, 320], ['embed.html', 374, 480], ['embed.html', 342, 192], ['embed.html', 1200, 700],
  ['', 640, 400], ['', 480, 320], ['', 374, 480], ['', 342, 192],
];
for (const [file, width, height] of SIZES) {
  for (const [theme, locale] of [['light', 'en-US'], ['dark', 'zh-CN']]) {
    const size = { width, height };
    test(`${file || 'the page'} at ${width} × ${height}: a picture, why, the steps, and the question; ${theme}, ${locale}`, onPage(
      { query: `${file}#s=02-buddy&at=2`, viewport: size, theme, locale }, async ({ page, canvas }) => {
        await picture(page, size);
        assert.ok((await pixelsOf(page, canvas)).colours > 8);
        for (const selector of ['#view-tabs', '#panel-tabs', '#inspect', '#search', '#timeline']) assert.ok(await page.locator(selector).isHidden(), selector);
        assert.deepEqual(await findings(page), []);
        await page.click('#go-next');
        assert.equal((await state(page)).at, '3');
        assert.equal(await besides(page), 'asked');
        await asked(page, size);
        assert.deepEqual(await findings(page), []);
        if (width >= 460) await picture(page, size);
        await page.click('#go-next');
        assert.equal(await besides(page), 'told');
        const [verdict, panel] = [await box(page, '.op.now .verdict'), await box(page, '#steps')];
        assert.ok(verdict.top >= panel.top && verdict.bottom <= panel.bottom, 'what is shown instead of an answer is in sight');
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
        await waitAtRest(page);
        assert.equal(await framesDuring(page, 500), 0);
      }));
  }
}

for (const [width, height] of [[390, 844], [600, 500], [844, 390], [1280, 800]]) {
  test(`at ${width} × ${height} the page is the page`, onPage({ query: '#s=02-buddy&at=2', viewport: { width, height } }, async ({ page }) => {
    assert.equal(await page.evaluate(() => document.documentElement.hasAttribute('data-frame')), false);
    assert.ok(await page.locator('.bar').isVisible());
    assert.ok(await page.locator('#frame-small').isHidden());
  }));
}

test('touched, what steps is large', onPage({ query: 'embed.html#s=02-buddy&at=2', viewport: { width: 374, height: 480 }, touch: true, mobile: true }, async ({ page }) => {
  for (const id of ['go-back', 'go-next', 'frame-note', 'frame-open']) {
    const { width, height } = await box(page, `#${id}`);
    assert.ok(width >= 44 && height >= 44, `${id}: ${width} × ${height}`);
  }
  await page.tap('#go-next');
  await asked(page, { width: 374, height: 480 });
}));

test('all of a long sentence is there when it is pressed, and two lines of the next', onPage({ query: 'embed.html#s=02-buddy&at=7', viewport: { width: 480, height: 320 } }, async ({ page }) => {
  const cut = () => page.locator('#why-text').evaluate((line) => line.scrollHeight > line.clientHeight + 1);
  assert.ok(await cut());
  await page.click('#why-more');
  assert.equal(await cut(), false);
  assert.equal(await page.locator('#why-more').getAttribute('aria-expanded'), 'true');
  await page.click('#go-next');
  assert.equal(await page.locator('#why-more').getAttribute('aria-expanded'), 'false');
}));

for (const [width, height] of [[480, 320], [374, 480], [342, 192]]) {
  test(`the verdict of an answer is in sight at ${width} × ${height}, and what was chosen can be changed`, onPage({ query: 'embed.html#s=02-buddy&at=3', viewport: { width, height } }, async ({ page }) => {
    const inSight = async (selector) => {
      const [one, panel] = [await box(page, selector), await box(page, '#steps')];
      return one.height > 0 && one.top >= panel.top - 1 && one.top + 16 <= panel.bottom;
    };
    const submit = '[data-op="3"] .question [type=submit]';
    await page.locator('[data-op="3"] .question .choice').first().click();
    await page.click(submit);
    assert.equal(await besides(page), 'asked');
    assert.ok(await inSight('[data-op="3"] .verdict'));
    assert.equal(await page.locator('[data-op="3"] .question').getAttribute('data-correct'), 'false');
    assert.ok(await page.locator(submit).isVisible());
    await page.click('#go-next');
    assert.equal(await besides(page), 'told');
    assert.ok(await inSight('[data-op="3"] .verdict'));
  }));
}

test('the note of a step is one press away, and stays beside the next', onPage({ query: 'embed.html#s=02-buddy&at=1', viewport: { width: 640, height: 400 } }, async ({ page }) => {
  assert.ok(await page.locator('#steps').isHidden());
  await page.click('#frame-note');
  assert.ok(await page.locator('.op.now > .note').isVisible());
  await page.click('#go-next');
  assert.ok(await page.locator('[data-op="1"] > .note').isVisible());
  assert.ok(await page.locator('[data-op="0"]').isHidden(), 'only its own');
  await page.click('#frame-note');
  assert.ok(await page.locator('#steps').isHidden());
}));

test('a question can be put aside to see the picture, and is there again', onPage({ query: '#s=02-buddy&at=3', viewport: { width: 342, height: 192 } }, async ({ page }) => {
  assert.ok(await page.locator('[data-op="3"] .question').isVisible());
  await page.click('#frame-note');
  await picture(page, { width: 342, height: 192 });
  assert.ok(await page.locator('#steps').isHidden());
  await page.click('#frame-note');
  assert.ok(await page.locator('[data-op="3"] .question').isVisible());
}));

test('a small page leads to the whole page and back, in the same state', onPage({ query: '#s=02-buddy&at=3', viewport: { width: 342, height: 192 } }, async ({ page }) => {
  await page.click('#frame-whole');
  assert.ok(await page.locator('.bar').isVisible());
  assert.equal((await state(page)).at, '3');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'frame-small');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls in one direction');
  await page.click('#frame-small');
  assert.ok(await page.locator('.bar #search').isHidden());
  assert.equal((await state(page)).at, '3');
}));

test('from an embedded frame the whole page opens in a new tab, in the same state', onPage({ query: 'embed.html#s=02-buddy&at=2&steps=1-4&lang=zh', viewport: { width: 480, height: 320 } }, async ({ page }) => {
  await page.click('#go-next');
  const link = page.locator('#frame-open');
  await link.focus();
  const [href, target, rel] = [await link.getAttribute('href'), await link.getAttribute('target'), await link.getAttribute('rel')];
  assert.match(href, /^index\.html#s=02-buddy&at=3&view=[a-z-]+&lang=zh/);
  assert.ok(!href.includes('steps='), 'which is not locked');
  assert.deepEqual([target, rel], ['_blank', 'noopener']);
}));

test('the result of a lesson is in sight at its end', onPage({ query: 'embed.html#s=31-kvmalloc&at=6', viewport: { width: 480, height: 320 } }, async ({ page }) => {
  for (const at of ['7', '8', '9']) {
    await page.click('#go-next');
    await page.waitForFunction(async (there) => (await import(new URL('js/main.js', location.href))).app.state.at === there, at);
  }
  const [title, panel] = [await box(page, '#result-title'), await box(page, '#steps')];
  assert.ok(title.height > 0 && title.top >= panel.top && title.bottom <= panel.bottom);
}));

// ---- what its link asks for -----------------------------------------------------------------------------------------

const embed = (rest, options = {}) => ({ query: `embed.html#s=02-buddy&${rest}`, viewport: { width: 640, height: 400 }, ...options });
const notice = (page) => page.locator('#notice').isVisible();

test('locked to steps it begins before the first and ends behind the last', onPage(embed('steps=3-4'), async ({ page }) => {
  assert.equal((await state(page)).at, '2', 'where step 3 comes next');
  assert.equal(await notice(page), false, 'nobody asked for another place');
  assert.ok(await page.locator('#go-back').evaluate((button) => button.disabled));
  await page.click('#go-next');
  await page.click('#go-next');
  assert.equal((await state(page)).at, '4');
  assert.ok(await page.locator('#go-next').evaluate((button) => button.disabled));
  const outside = async (act) => page.evaluate(async (how) => {
    const { app } = await import(new URL('js/main.js', location.href));
    if (how === 'seek') app.seek(9);
    else if (how === 'at') await app.seekAt('1');
    else app.move(how);
    return app.state.at;
  }, act);
  for (const [act, at] of [['seek', '4'], ['at', '2'], ['last', '4'], ['first', '2'], ['back_event', '2'], ['last', '4'], ['next_event', '4'], ['next_note', '4']]) {
    assert.equal(await outside(act), at, act);
  }
  assert.match(await text(page, '#status'), /steps 3 to 4/);
  await page.fill('#goto', '20');
  await page.press('#goto', 'Enter');
  assert.equal((await state(page)).at, '4');
}));

test('a place outside of the steps is told, and the nearest is shown', onPage(embed('steps=3-7&at=12'), async ({ page }) => {
  assert.equal((await state(page)).at, '7');
  assert.match(await text(page, '#notice-text'), /12.*steps 3 to 7/);
}));

test('a link to behind a question passes none: it stays open', onPage(embed('steps=4-7&at=4'), async ({ page }) => {
  const first = () => page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.questions.results()[0].state);
  assert.deepEqual([(await state(page)).at, await first()], ['4', 'open']);
  assert.equal(await besides(page), '');
  await page.click('#go-back');
  assert.equal(await besides(page), 'asked', 'and is asked from before its step');
  await page.evaluate(() => { location.hash = '#s=02-buddy&at=6&steps=4-7'; });
  await page.waitForFunction(async () => (await import(new URL('js/main.js', location.href))).app.state.at === '6');
  assert.equal(await first(), 'open', 'another link, too');
}));

test('one step alone has its before and its after', onPage(embed('steps=4'), async ({ page }) => {
  assert.equal((await state(page)).at, '3');
  assert.equal(await besides(page), 'asked');
  await page.click('#go-next');
  assert.ok(await page.locator('#go-next').evaluate((button) => button.disabled));
}));

test('steps beyond the end are told; what there is of them is shown', onPage(embed('steps=20-40'), async ({ page }) => {
  assert.match(await text(page, '#notice-text'), /20–40; this lesson has 21/);
  assert.equal((await state(page)).at, '19');
}));

test('views: the first is shown, the others may be chosen, no other', onPage(embed('views=zones,map&at=2'), async ({ page }) => {
  assert.equal((await state(page)).view, 'zones');
  const offered = await page.locator('#view option').evaluateAll((all) => all.filter((option) => !option.disabled).map((option) => option.value));
  assert.deepEqual(offered.sort(), ['map', 'zones']);
  await page.selectOption('#view', 'map');
  assert.equal((await state(page)).view, 'map');
  const refused = await page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.choose({ view: 'pcp' }));
  assert.deepEqual(refused, ['view']);
  await page.click('#go-next');
  assert.ok(['map', 'zones'].includes((await state(page)).view), 'the steps do not lead to another');
}));

test('one view alone has nothing to choose from', onPage(embed('views=map'), async ({ page }) => {
  assert.ok(await page.locator('#view').isHidden());
  await page.click('#go-next');
  assert.equal((await state(page)).view, 'map');
}));

test('unknown and malformed ones are told together, and nothing is lost', onPage(embed('views=quark&steps=9-2&controls=all&theme=pink&at=2', { locale: 'zh-CN' }), async ({ page }) => {
  const said = await text(page, '#notice-text');
  assert.match(said, /steps=9-2.*steps=3-7/);
  assert.match(said, /controls=all.*controls=full\|step\|none/);
  assert.equal((await state(page)).at, '2');
  await page.click('#notice-close');
  await picture(page, { width: 640, height: 400 });
}));

for (const [width, height] of [[640, 400], [480, 320], [374, 480], [320, 256]]) {
  test(`a notice covers nothing of the picture, in one line and whole, ${width} × ${height}`, onPage(embed('views=quark&steps=9-2&controls=all&at=2', { viewport: { width, height } }), async ({ page, canvas }) => {
    const room = async () => {
      await waitAtRest(page);
      const [told, picture] = [await page.locator('#notice').boundingBox(), await canvas.boundingBox()];
      assert.ok(picture.height > 40, `${picture.height}`);
      if (told) assert.ok(told.y + told.height <= picture.y, `${told.y + told.height} over ${picture.y}`);
      return picture.height;
    };
    const line = await room();
    await page.click('#notice-more');
    assert.ok(await room() < line, 'all of it takes more');
    await page.click('#notice-close');
    assert.ok(await room() > line);
  }));
}

test('the page itself knows none of them', onPage({ query: '#s=02-buddy&at=2&steps=1-2' }, async ({ page }) => {
  assert.match(await text(page, '#notice-text'), /steps=1-2/);
  await page.click('#go-last');
  assert.equal((await state(page)).at, '21');
}));

for (const [controls, there, gone] of [
  ['none', [], ['go-back', 'go-next', 'where', 'play', 'pace']],
  ['step', ['go-back', 'go-next', 'where'], ['go-into', 'play', 'pace', 'go-last']],
  ['full', ['go-back', 'go-next', 'where', 'go-into', 'play', 'pace', 'go-last'], []],
]) {
  test(`controls=${controls}`, onPage(embed(`controls=${controls}&at=1`), async ({ page }) => {
    for (const id of [...there, 'frame-open']) {
      const { left, right, bottom } = await box(page, `#${id}`);
      assert.ok(right > left && left >= 0 && right <= 640 && bottom <= 400, id);
    }
    for (const id of gone) assert.ok(await page.locator(`#${id}`).isHidden(), id);
  }));
}

for (const [theme, system, dark] of [['dark', 'light', true], ['light', 'dark', false], ['auto', 'dark', true]]) {
  test(`theme=${theme} where the system is ${system}, and nobody remembers it`, onPage(embed(`theme=${theme}`, { theme: system }), async ({ page }) => {
    assert.equal(await page.evaluate(() => document.documentElement.hasAttribute('data-dark')), dark);
    assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
  }));
}

test('follow=0: the picture stays where it is', onPage(embed('follow=0&view=map'), async ({ page }) => {
  for (let i = 0; i < 3; i += 1) {
    await page.click('#go-next');
    assert.equal((await state(page)).view, 'map');
  }
}));

test('follow=1: it goes with the steps, whatever the link shows', onPage(embed('follow=1&view=map&at=1'), async ({ page }) => {
  await page.click('#go-next');
  const { view, best } = await state(page);
  assert.equal(view, best);
}));

test('readonly: nothing can be pasted or dropped', onPage(embed('readonly=1&at=2'), async ({ page }) => {
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', '{"format":"mmscope/1"}');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  assert.match(await text(page, '#status'), /its own lesson only/);
  assert.equal(await page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.scenario.id), '02-buddy');
  assert.ok(await page.locator('#dialog').isHidden());
}));

test('what it was asked for stays in its address, and another link to it is followed', onPage(embed('steps=3-7&views=zones&at=4'), async ({ page }) => {
  await page.click('#go-next');
  const hash = await page.evaluate(async () => {
    (await import(new URL('js/main.js', location.href))).app.flushLink();
    return location.hash;
  });
  assert.match(hash, /views=zones/);
  assert.match(hash, /steps=3-7/);
  assert.match(hash, /at=5/);
  await page.evaluate(() => { location.hash = '#s=02-buddy&at=9&controls=none'; });
  await page.waitForFunction(async () => (await import(new URL('js/main.js', location.href))).app.state.at === '9');
  assert.ok(await page.locator('#go-next').isHidden());
}));

// ---- the page around it ---------------------------------------------------------------------------------------------

// A host's page of two windows' height with the frame near its top. Resolves with the frame of ours in it.
async function inHost({ link = 's=02-buddy&view=map&at=2', ...options }, body) {
  const html = (ours) => `<h1>A course</h1><p><a href="#a" id="before">Before</a></p>${frameOf(`${ours}embed.html#${link}`)}<p style="height: 3000px">After</p>`;
  const opened = await openHost({ viewport: { width: 800, height: 700 }, ...options, html });
  try {
    const frame = await opened.loaded();
    const { x, y } = await opened.page.locator('iframe').boundingBox();
    await body({ ...opened, frame, at: { x: x + 300, y: y + 120 } });
    // The browser asks for the icon of a file that is no page; what a page asks for in vain is told with its address, too.
    const problems = opened.problems.filter((problem) => !/^console error: Failed to load resource: .* 404 /.test(problem));
    await assertHostClean({ ...opened, problems });
  } finally {
    await opened.close();
  }
}
const scrolled = (page) => page.evaluate(() => scrollY);
const looks = (frame) => frame.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.engine.state().look);
const isEntered = (frame) => frame.evaluate(() => document.documentElement.hasAttribute('data-entered'));
const settle = (page) => page.evaluate(() => new Promise((done) => { setTimeout(done, 400); }));
async function wheel(page, notches) {
  for (let i = 0; i < notches; i += 1) {
    await page.mouse.wheel(0, 100);
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => setTimeout(done, 30)); }));
  }
  await settle(page);
}

test('loading takes no focus and scrolls nothing, and rests', async () => {
  await inHost({ link: 's=02-buddy&at=3' }, async ({ page, frame }) => {
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'BODY');
    assert.equal(await frame.evaluate(() => document.activeElement.tagName), 'BODY');
    assert.equal(await scrolled(page), 0);
    assert.equal(await page.evaluate(() => history.length <= 3), true);
    await settle(page);
    const before = await frame.evaluate(() => window.__watch.frames);
    await settle(page);
    assert.equal(await frame.evaluate(() => window.__watch.frames), before);
  });
});

test('the wheel scrolls the host until the frame is entered, and after Escape again', async () => {
  await inHost({}, async ({ page, frame, at }) => {
    const look = await looks(frame);
    await page.mouse.move(at.x, at.y);
    await wheel(page, 1);
    assert.equal(await scrolled(page), 100, 'the host');
    assert.equal(await looks(frame), look, 'and not the picture');
    await page.evaluate(() => scrollTo(0, 0));

    await page.mouse.click(at.x, at.y);
    await settle(page);
    assert.ok(await isEntered(frame));
    assert.ok(await frame.evaluate(() => document.getElementById('frame-leave').checkVisibility()), 'how to leave is said');
    const entered = await looks(frame);
    await wheel(page, 1);
    assert.equal(await scrolled(page), 0);
    assert.notEqual(await looks(frame), entered, 'the picture is zoomed');

    await page.keyboard.press('Escape');
    assert.equal(await isEntered(frame), false);
    await wheel(page, 2);
    assert.equal(await scrolled(page), 200);
  });
});

test('with Ctrl the wheel is always the picture’s', async () => {
  await inHost({}, async ({ page, frame, at }) => {
    const look = await looks(frame);
    await page.mouse.move(at.x, at.y);
    await page.keyboard.down('Control');
    await wheel(page, 1);
    await page.keyboard.up('Control');
    assert.equal(await scrolled(page), 0);
    assert.notEqual(await looks(frame), look);
    assert.equal(await isEntered(frame), false);
  });
});

test('over the sentence, the steps and a note that fits the wheel is the host’s', async () => {
  await inHost({ link: 's=02-buddy&at=3' }, async ({ page, frame }) => {
    for (const id of ['why-text', 'go-next', 'steps']) {
      await page.evaluate(() => scrollTo(0, 0));
      const outer = await page.locator('iframe').boundingBox();
      const inner = await frame.evaluate((name) => document.getElementById(name).getBoundingClientRect().toJSON(), id);
      await page.mouse.move(outer.x + inner.left + 12, outer.y + inner.top + 12);
      await wheel(page, 1);
      assert.equal(await scrolled(page), 100, id);
    }
  });
});

test('keys are the host’s until the frame is entered by the keyboard', async () => {
  await inHost({}, async ({ page, frame }) => {
    await frame.evaluate(() => document.getElementById('go-next').focus());
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    assert.equal(await frame.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.state.at), '2');
    await page.focus('#before');
    await page.keyboard.press('Tab');
    assert.ok(await isEntered(frame), 'the picture is the first stop');
    await page.keyboard.press('ArrowRight');
    assert.equal(await frame.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.state.at), '3');
    await page.keyboard.press('Escape');
    assert.equal(await isEntered(frame), false);
    await page.keyboard.press('ArrowRight');
    assert.equal(await frame.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.state.at), '3');
    await page.keyboard.press('Tab');
    assert.equal(await isEntered(frame), false, 'Tab goes on from there');
  });
});

test('who clicks beside the frame has left it', async () => {
  await inHost({}, async ({ page, frame, at }) => {
    await page.mouse.click(at.x, at.y);
    await settle(page);
    assert.ok(await isEntered(frame));
    await page.mouse.click(780, 20);
    await settle(page);
    assert.equal(await isEntered(frame), false);
  });
});

// ---- fingers --------------------------------------------------------------------------------------------------------

const ONE_FINGER = { touch: true, mobile: true, viewport: { width: 700, height: 700 } };

// A test of fingers.
const touching = (name, body) => test(name, { skip: cannot('mobile') }, () => inHost(ONE_FINGER, body));

// Fingers go from one place to another, together, in steps. Each place is [x, y] of the window.
async function drag(page, from, to) {
  const fingers = [];
  for (const [x, y] of from) fingers.push(await page.touchscreen.touchStart(x, y));
  for (let part = 1; part <= 8; part += 1) {
    for (const [i, finger] of fingers.entries()) {
      const [[x0, y0], [x1, y1]] = [from[i], to[i]];
      await finger.move(x0 + (x1 - x0) * part / 8, y0 + (y1 - y0) * part / 8);
    }
    await page.evaluate(() => new Promise((done) => { setTimeout(done, 30); }));
  }
  for (const finger of fingers) await finger.end();
  await settle(page);
}

touching('one finger over the picture scrolls the host until a tap has entered the frame', async ({ page, frame, at }) => {
  const look = await looks(frame);
  await drag(page, [[at.x, at.y + 150]], [[at.x, at.y + 30]]);
  assert.ok(await scrolled(page) > 60, `the host has moved by ${await scrolled(page)}`);
  assert.equal(await looks(frame), look, 'and not the picture');
  assert.equal(await isEntered(frame), false, 'who scrolls has not entered');
  await page.evaluate(() => scrollTo(0, 0));

  await page.touchscreen.tap(at.x, at.y);
  await settle(page);
  assert.ok(await isEntered(frame));
  const entered = await looks(frame);
  await drag(page, [[at.x, at.y + 150]], [[at.x, at.y + 30]]);
  assert.equal(await scrolled(page), 0);
  assert.notEqual(await looks(frame), entered, 'the picture is dragged');

  const leave = await frame.evaluate(() => document.getElementById('frame-leave').getBoundingClientRect().toJSON());
  const outer = await page.locator('iframe').boundingBox();
  await page.touchscreen.tap(outer.x + leave.left + 10, outer.y + leave.top + 10);
  await settle(page);
  assert.equal(await isEntered(frame), false);
});

touching('two fingers are always the picture’s', async ({ page, frame, at }) => {
  const [look, scale] = [await looks(frame), await page.evaluate(() => visualViewport.scale)];
  await drag(page, [[at.x - 20, at.y], [at.x + 20, at.y]], [[at.x - 90, at.y], [at.x + 90, at.y]]);
  assert.notEqual(await looks(frame), look, 'the picture is zoomed');
  assert.equal(await scrolled(page), 0);
  assert.equal(await page.evaluate(() => visualViewport.scale), scale, 'and not the host');
  assert.equal(await isEntered(frame), false);
});
