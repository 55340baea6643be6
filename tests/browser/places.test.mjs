// Places and their views, the way from the machine to the byte, back and forward, follow, columns, /proc text, small windows,
// the keyboard's stops, and what axe-core finds.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { linkOf, openView, withPage } from './harness.mjs';
import { Trail } from '../../web/js/trail.js';
import { wholePage } from './whole-page.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const onPage = (options, body) => withPage(options, async (opened, context) => {
  await loaded(opened.page);
  await body(opened, context);
});
const state = (page) => page.evaluate(async () => {
  const { app } = await import(new URL('js/main.js', location.href));
  return { ...app.state, follow: app.follow };
});
const crumbs = (page) => page.locator('#crumbs button').allInnerTexts();
const box = (page, selector) => page.locator(selector).evaluate((element) => element.getBoundingClientRect().toJSON());
const active = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.localName);

// ---- places ---------------------------------------------------------------------------------------------------------

for (const [locale, names] of [['en-US', ['Machine', 'Slabs', 'Addresses', 'Processes']], ['zh-CN', ['机器', 'slab 缓存', '内核地址', '进程']]]) {
  test(`places offer their views in one row at 1440 px, ${locale}`, onPage(
    { query: '#s=02-buddy&step=1', locale, viewport: { width: 1440, height: 900 } }, async ({ page }) => {
      assert.deepEqual(await page.locator('#places button').allInnerTexts(), names);
      const seen = new Set();
      for (const place of ['machine', 'slabs', 'addresses', 'processes']) {
        await page.click(`#place-${place}`);
        assert.equal(await page.locator(`#place-${place}`).getAttribute('aria-current'), 'true');
        const tabs = await page.locator('#view-tabs [role=tab]').evaluateAll((all) => all.map((tab) => {
          const { top, right } = tab.getBoundingClientRect();
          return { id: tab.dataset.id, top, right };
        }));
        assert.equal(new Set(tabs.map(({ top }) => top)).size, 1, 'one row');
        assert.ok(tabs.at(-1).right <= (await box(page, '#follow')).left, `${place}: all in sight`);
        for (const { id } of tabs) seen.add(id);
      }
      const all = await page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.hello.views.map(({ id }) => id));
      assert.deepEqual([...seen].sort(), all.sort(), 'each view has a place');
    }));
}

test('a place opens the view that was open in it last, and every old link still works', onPage({ query: '#s=02-buddy&step=1&view=zones' }, async ({ page }) => {
  assert.equal((await state(page)).view, 'zones');
  await page.selectOption('#place', 'slabs');
  assert.equal((await state(page)).view, 'caches');
  await page.selectOption('#place', 'machine');
  assert.equal((await state(page)).view, 'zones');
  for (const view of ['map', 'free-lists', 'zones', 'pcp', 'memblock', 'caches', 'cache', 'slab', 'colouring', 'compare', 'vmalloc', 'address',
    'page-tables', 'tlb', 'layout', 'pkmap', 'processes', 'address-space', 'vma-tree', 'fault', 'reverse-map']) {
    await page.evaluate((id) => { location.hash = `#s=02-buddy&step=1&view=${id}`; }, view);
    await page.waitForFunction((id) => document.querySelector(`#tab-${id}`)?.getAttribute('aria-selected') === 'true', view);
  }
}));

// ---- the way --------------------------------------------------------------------------------------------------------

test('crumbs lead from the machine to an object, and each leads to its place', onPage({ query: '#s=12-slub-paths&step=3&view=caches' }, async ({ page }) => {
  assert.deepEqual(await crumbs(page), ['machine']);
  await page.locator('#why-text .ref[data-place^="object:"]').first().click();
  const way = await crumbs(page);
  assert.deepEqual([way[0], way[1], way[4]], ['machine', 'node 0', 'task']);
  assert.match(way[2], /^zone /);
  assert.match(way[3], /^pfn 0x/);
  assert.match(way[5], /^object \d$/);
  assert.equal(await page.locator('#crumbs [aria-current="location"]').innerText(), way[5]);
  for (const [i, view, select] of [[5, 'slab', /^object:/], [4, 'cache', /^cache:task$/]]) {
    await page.locator('#crumbs button').nth(i).click();
    const now = await state(page);
    assert.equal(now.view, view);
    assert.match(now.select, select);
  }
  await page.click('#crumbs li:first-child button');
  assert.deepEqual(await crumbs(page), ['machine']);
  assert.equal((await state(page)).view, 'map');
  assert.ok(await page.evaluate(() => document.activeElement.closest('#crumbs') !== null), 'the focus is on the crumb that was pressed');
}));

test('a page of a page table ends in its table, in Chinese too', onPage({ query: '#s=32-one-walk&step=3&view=address', locale: 'zh-CN' }, async ({ page }) => {
  // The step tells of tables and of the frames that they map: the way to one of them ends in its table.
  const frames = await page.locator('.event .ref[data-place^="pfn:"]').evaluateAll((all) => [...new Set(all.map((ref) => ref.dataset.place))]);
  let way = [];
  for (const place of frames) {
    await page.locator(`.event .ref[data-place="${place}"]`).first().click();
    way = await crumbs(page);
    if (/ 表，/.test(way.at(-1))) break;
  }
  assert.equal(way[0], '机器');
  assert.equal(way[1], '节点 0');
  assert.match(way.at(-1), /^(pgd|pud|pmd|pte) 表，/);
  await page.locator('#crumbs button').last().click();
  assert.equal((await state(page)).view, 'page-tables');
}));

// ---- back and forward -----------------------------------------------------------------------------------------------

test('a trail goes back and forward, and a new place cuts off what lay ahead', () => {
  const trail = new Trail();
  const at = (view, select = '') => ({ view, select, look: '' });
  trail.begin(at('map'));
  assert.equal(trail.canBack, false);
  trail.visit(at('zones'));
  trail.visit(at('zones'));
  trail.visit(at('zones', 'pfn:1'));
  assert.deepEqual(trail.go(-1), at('zones'));
  assert.deepEqual(trail.go(-1), at('map'));
  assert.equal(trail.go(-1), null);
  assert.deepEqual(trail.go(1), at('zones'));
  trail.visit(at('slab'));
  assert.equal(trail.canForward, false);
  trail.amend(at('cache'));
  assert.deepEqual(trail.go(-1), at('zones'));
  assert.deepEqual(trail.go(1), at('cache'));
  for (let i = 0; i < 1000; ++i) trail.visit(at(`v${i}`));
  let back = 0;
  while (trail.go(-1)) ++back;
  assert.equal(back, 99, 'as many as it keeps');
});

test('Alt ← and → and the buttons go back and forward among places; a step is no place', onPage({ query: '#s=02-buddy&step=1' }, async ({ page }) => {
  const start = await state(page);
  assert.equal(await page.locator('#trail-back').getAttribute('aria-disabled'), 'true');
  await openView(page, 'map');
  await page.locator('#why-text .ref[data-place^="pfn:"]').first().click();
  const { select } = await state(page);
  await page.click('#go-next');
  await openView(page, 'caches');
  await page.keyboard.press('Alt+ArrowLeft');
  assert.deepEqual((({ view, select: s, step }) => [view, s, step])(await state(page)), ['map', select, 2]);
  await page.keyboard.press('Alt+ArrowLeft');
  await page.click('#trail-back');
  assert.deepEqual((({ view, step }) => [view, step])(await state(page)), [start.view, 2]);
  assert.equal(await page.locator('#trail-back').getAttribute('aria-disabled'), 'true');
  await page.click('#trail-forward');
  await page.keyboard.press('Alt+ArrowRight');
  assert.deepEqual((({ view, select: s }) => [view, s])(await state(page)), ['map', select]);
}));

// ---- follow ---------------------------------------------------------------------------------------------------------

test('the picture follows the steps until somebody chooses a view, and again at one press', onPage({ query: '#s=47-init-on-alloc' }, async ({ page }) => {
  const pressed = () => page.locator('#follow').getAttribute('aria-pressed');
  assert.equal(await pressed(), 'true');
  await page.click('#go-next');
  assert.equal((await state(page)).view, 'map', 'pages are seen in the map');
  for (let i = 0; i < 2; ++i) await page.click('#go-next');
  assert.equal((await state(page)).view, 'slab', 'and objects in their slab');
  await openView(page, 'zones');
  assert.equal(await pressed(), 'false');
  await page.click('#go-back');
  assert.equal((await state(page)).view, 'zones');
  await page.click('#follow');
  assert.deepEqual((({ view, follow }) => [view, follow])(await state(page)), ['map', true]);
  await openView(page, 'zones');
  await page.locator('#gallery-fold').evaluate((fold) => { fold.open = true; });
  await page.click('#gallery [data-scenario="02-buddy"]');
  await page.waitForFunction(() => location.hash.includes('s=02-buddy'));
  assert.equal(await pressed(), 'true', 'the next lesson follows');
}));

test('a link to another view than the step is best seen in does not follow', onPage({ query: '#s=02-buddy&step=1&view=map' }, async ({ page }) => {
  assert.equal((await state(page)).follow, false);
  await page.click('#go-next');
  assert.equal((await state(page)).view, 'map');
  assert.match(await linkOf(page), /view=map/);
}));

// ---- columns and /proc ----------------------------------------------------------------------------------------------

test('columns stay as they are whatever is in them, and keep the width that a person gives them', onPage(
  { query: '#s=02-buddy&step=1', viewport: { width: 1440, height: 900 } }, async ({ page }) => {
    const edges = async () => [(await box(page, '#stage')).left, (await box(page, '#stage')).right];
    const near = (is, wanted) => assert.ok(Math.abs(is - wanted) <= 1, `${is}, wanted ${wanted}`);
    const before = await edges();
    for (const tab of ['proc', 'source', 'check', 'what', 'inspect']) {
      await page.click(`#tab-${tab}`);
      assert.deepEqual(await edges(), before, tab);
    }
    await page.focus('#split-right');
    for (let i = 0; i < 3; ++i) await page.keyboard.press('ArrowLeft');
    near((await edges())[1], before[1] - 48);
    near(Number(await page.locator('#split-right').getAttribute('aria-valuenow')), 1440 - before[1] + 48);
    assert.equal((await state(page)).step, 1, 'the key was for the edge');
    const edge = await box(page, '#split-left');
    await page.mouse.move(edge.left + 4, 400);
    await page.mouse.down();
    await page.mouse.move(edge.left + 64, 400, { steps: 4 });
    await page.mouse.up();
    const moved = await edges();
    near(moved[0], before[0] + 60);
    await page.reload();
    await loaded(page);
    assert.deepEqual(await edges(), moved);
    await page.focus('#split-left');
    await page.keyboard.press('Enter');
    assert.equal((await edges())[0], before[0]);
    await page.keyboard.press('End');
    assert.ok((await box(page, '#stage')).width >= 320, 'the picture keeps some room');
  }));

for (const width of [1440, 1280, 1024, 390]) {
  test(`every number of buddyinfo can be read at ${width} px`, onPage(
    { query: '#s=02-buddy&step=1&panel=proc', viewport: { width, height: 844 } }, async ({ page }) => {
      if (width < 1100) await page.click('#tab-proc');
      const seen = () => page.locator('#proc pre').evaluate((pre) => ({
        wide: pre.scrollWidth, room: pre.clientWidth, cue: !document.querySelector('#proc .too-wide').hidden,
        scrolls: ['auto', 'scroll'].includes(getComputedStyle(pre).overflowX),
        words: pre.textContent.split('\n')[0].trim().split(/\s+/).length,
        page: document.documentElement.scrollWidth <= innerWidth,
      }));
      await page.waitForFunction(() => document.querySelector('#proc .too-wide').hidden === (document.querySelector('#proc pre').scrollWidth <= document.querySelector('#proc pre').clientWidth));
      const first = await seen();
      assert.equal(first.words, 4 + 11, 'eleven orders');
      assert.ok(first.scrolls && first.page);
      assert.equal(first.cue, first.wide > first.room, 'what does not fit says so');
      await page.locator('#proc pre').evaluate((pre) => pre.scrollTo(1e6, 0));
      assert.ok(await page.locator('#proc pre').evaluate((pre) => pre.scrollLeft + pre.clientWidth >= pre.scrollWidth - 1), 'to the last order');
      if (width !== 1440) return;
      await page.click('#proc-fit');
      await page.waitForFunction(() => document.querySelector('#proc .too-wide').hidden);
      assert.ok(await seen().then(({ wide, room }) => wide <= room), 'the column fits the text');
    }));
}

// ---- small windows --------------------------------------------------------------------------------------------------

for (const [width, height] of [[390, 844], [640, 400], [600, 500], [480, 320], [342, 192]]) {
  for (const locale of ['en-US', 'zh-CN']) {
    test(`at ${width} × ${height} there are a picture, a why line and the steps, and nothing scrolls in two directions, ${locale}`, onPage(
      { query: '#s=12-slub-paths&step=4', locale, viewport: { width, height } }, async ({ page }) => {
        await wholePage(page);
        const canvas = await box(page, '#canvas');
        assert.ok(canvas.height >= 60 && canvas.width >= 180, `the picture: ${JSON.stringify(canvas)}`);
        for (const id of ['go-back', 'go-into', 'go-next']) {
          const { left, right, top, bottom } = await box(page, `#${id}`);
          assert.ok(left >= 0 && right <= width && top >= 0 && bottom <= height, `${id} is in sight`);
        }
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'not wider than the window');
        await page.locator('#why-text').scrollIntoViewIfNeeded();
        const why = await box(page, '#why-text');
        const dock = await box(page, '.dock');
        assert.ok(why.top < dock.top && why.left >= 0 && why.right <= width, `the why line: ${JSON.stringify(why)}`);
        await openView(page, 'map');
        assert.equal((await state(page)).view, 'map');
        await page.click('#go-next');
        assert.equal((await state(page)).step, 5);
      }));
  }
}

// ---- the keyboard ---------------------------------------------------------------------------------------------------

test('a few Tab stops lead to the steps, and skip links to steps, picture and buttons', onPage({ query: '#s=02-buddy&step=2', viewport: { width: 1440, height: 900 } }, async ({ page }) => {
  await page.locator('#gallery-fold').evaluate((fold) => { fold.open = true; });
  await page.focus('#skip');
  let stops = 0;
  while (!(await page.evaluate(() => document.activeElement.closest('#ops') !== null))) {
    await page.keyboard.press('Tab');
    assert.ok(++stops < 40, await active(page));
  }
  assert.ok(stops <= 24, `${stops} stops`);  // there were 43 and one more for each lesson
  await page.keyboard.press('ArrowDown');
  assert.ok(await page.evaluate(() => document.activeElement.closest('#ops') !== null), 'arrows go on in the list');
  for (const [id, goal] of [['skip', 'steps'], ['skip-picture', 'canvas'], ['skip-controls', 'go-next']]) {
    await page.focus(`#${id}`);
    await page.keyboard.press('Enter');
    assert.equal(await active(page), goal);
  }
}));

test('the focus is never lost: a dialog, a notice, another place, a panel, a row that is drawn anew', onPage({ query: '#s=12-slub-paths&step=4&nonsense' }, async ({ page }) => {
  const there = async (why) => {
    await page.waitForTimeout(60);
    assert.notEqual(await active(page), 'body', why);
  };
  await page.focus('#notice-close');
  await page.keyboard.press('Enter');
  await there('a notice was closed');
  await page.focus('#canvas');
  await page.keyboard.press('?');
  await page.keyboard.press('Escape');
  await there('the help was closed');
  await page.focus('#tab-cache');
  await page.keyboard.press('ArrowRight');
  await there('another view');
  await page.selectOption('#place', 'addresses');
  await there('another place');
  await page.locator('.event .ref').first().focus();
  await page.keyboard.press('ArrowRight');
  await there('the row with its events is gone');
  await page.keyboard.press('ArrowLeft');  // from the end of a run, which lists no events
  await page.locator('.event .go').first().focus();
  await page.keyboard.press('Home');
  await there('all events are gone');
  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  await there('the search was left');
  await page.locator('#why-text, #crumbs button').last().focus();
  await page.keyboard.press('Enter');
  await there('a crumb');
}));

test('PageDown and PageUp move the timeline by a tenth of it', onPage({ query: '#s=12-slub-paths&step=4' }, async ({ page }) => {
  const { steps } = await state(page);
  for (const where of ['#canvas', '#timeline']) {
    await page.focus(where);
    await page.keyboard.press('PageDown');
    assert.equal((await state(page)).step, 4 + Math.round(steps / 10), where);
    await page.keyboard.press('PageUp');
    assert.equal((await state(page)).step, 4, where);
  }
  await page.keyboard.press('PageUp');
  await page.keyboard.press('PageUp');
  await page.keyboard.press('PageUp');
  assert.equal((await state(page)).step, 0);
}));

test('forced colours show which place is open, whether the picture follows, and where the crumbs end', onPage({
  query: '#s=12-slub-paths&step=4', viewport: { width: 1440, height: 900 }, forcedColors: true }, async ({ page }) => {
  assert.ok(await page.evaluate(() => matchMedia('(forced-colors: active)').matches));
  const back = (selector) => page.locator(selector).first().evaluate((element) => getComputedStyle(element).backgroundColor);
  assert.notEqual(await back('#places [aria-current]'), await back('#places button:not([aria-current])'));
  assert.notEqual(await back('#go-next'), await back('#go-back'));
  const on = await back('#follow');
  await page.click('#follow');
  await page.mouse.move(5, 400);
  assert.notEqual(await back('#follow'), on);
  assert.notEqual(await page.locator('#crumbs [aria-current]').evaluate((element) => getComputedStyle(element).outlineStyle), 'none');
}));

// ---- axe ------------------------------------------------------------------------------------------------------------

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const findings = async (page) => {
  await page.evaluate(AXE);  // by the debugger: the page's own policy allows no such script
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary.replace(/\s+/g, ' ')}`));
  });
};

for (const theme of ['light', 'dark']) {
  for (const locale of ['en-US', 'zh-CN']) {
    test(`axe finds nothing: gallery, a lesson, panels and dialogs, ${theme}, ${locale}`, onPage({ query: '#s=12-slub-paths&step=4&event=1', theme, locale }, async ({ page }) => {
      assert.deepEqual(await findings(page), [], 'a lesson');
      await page.locator('#gallery-fold').evaluate((fold) => { fold.open = true; });
      await page.locator('#why-text .ref').first().click();
      assert.deepEqual(await findings(page), [], 'the gallery, and something is selected');
      for (const tab of ['proc', 'source', 'what', 'check']) {
        await page.click(`#tab-${tab}`);
        assert.deepEqual(await findings(page), [], tab);
      }
      for (const [open, name] of [['#help', 'help'], ['#paste', 'paste'], ['#tab-proc, #read-buddyinfo', 'buddyinfo']]) {
        for (const selector of open.split(', ')) await page.click(selector);
        assert.deepEqual(await findings(page), [], name);
        await page.keyboard.press('Escape');
      }
    }));
  }
}

for (const [width, height] of [[390, 844], [342, 192]]) {
  test(`axe finds nothing at ${width} × ${height}`, onPage({ query: '#s=02-buddy&step=2', viewport: { width, height } }, async ({ page }) => {
    await wholePage(page);
    assert.deepEqual(await findings(page), []);
    await page.click('#tab-lessons');
    assert.deepEqual(await findings(page), []);
  }));
}
