// The page as a person uses it: the tour, links, keyboard, own scenarios, phones, and what happens when something fails.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertClean, assertSamePicture, framesDuring, open, pixelsOf, waitAtRest, withPage } from './harness.mjs';

const WEB = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'web');
const BUDDY = '#s=02-buddy';

const text = (page, selector) => page.locator(selector).innerText();
const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const step = (page) => page.locator('#goto').inputValue();
const hash = (page) => page.evaluate(() => location.hash);
const linkHas = (page, piece) => page.waitForFunction((p) => location.hash.split(/[#&]/).includes(p), piece);

// A test body that gets the page with its scenario loaded.
const onPage = (options, body) => withPage(options, async (opened, context) => {
  await loaded(opened.page);
  await body(opened, context);
});

// All that a person sees, as far as it depends on where the cursor stands.
async function seen(page) {
  await page.mouse.move(2, 2);
  await waitAtRest(page);
  return {
    title: await text(page, '#title'),
    why: await text(page, '#why'),
    where: `${await step(page)} ${await text(page, '#where-event')}`,
    op: await page.locator('.op.now').first().innerText(),
    inspector: await text(page, '#inspect'),
  };
}

// ---- the tour -------------------------------------------------------------------------------------------------------

for (const [language, locale] of [['en', 'en-US'], ['zh', 'zh-CN']]) {
  test(`tour in ${language}: gallery, into an op, back, event by event in the random run, and the same by its link`, async () => {
    const first = await open({ locale });
    const { page } = first;
    try {
      await loaded(page);
      assert.equal(await page.evaluate(() => document.documentElement.lang), language === 'zh' ? 'zh-Hans' : 'en');
      await page.evaluate(async () => {
        const { app } = await import(new URL('js/main.js', location.href));
        window.__opened = new Promise((opened) => { app.on((what) => what.has('opened') && opened()); });
      });
      await page.click('#gallery [data-scenario="02-buddy"]');
      await page.evaluate(() => window.__opened);  // the lesson that was open already, from its beginning

      await page.click('#go-into');
      assert.match(await text(page, '#why-path'), /^(\w+ › )*\w+$/);
      assert.equal(await page.locator('.event.now .go').innerText(), '1');
      await page.click('#go-into');
      assert.equal(await page.locator('.event.now .go').innerText(), '2');
      assert.equal(await step(page), '1.1.2');
      await page.click('#go-back-event');
      assert.equal(await page.locator('.event.now .go').innerText(), '1');
      await page.click('#go-back');
      assert.equal(await page.locator('.op.now').count(), 0, 'before the first step');
      await page.click('#go-next');
      assert.equal(await step(page), '1');

      await page.click('#gallery [data-scenario="06-random"]');
      await page.waitForFunction(() => document.querySelector('#where-steps').textContent === '/ 8');
      await page.fill('#goto', '5.17');
      await page.press('#goto', 'Enter');
      assert.equal(await text(page, '#where-steps'), language === 'zh' ? '/ 48,997' : 'of 48,997');
      await page.keyboard.press('.');
      await linkHas(page, 'at=5.18.1');
      await page.locator('.event.now .ref').first().click();
      await page.locator('#clear').waitFor();
      await linkHas(page, `lang=${language}`);
      await page.waitForFunction(() => location.hash.includes('sel='));
      const link = await hash(page);
      const here = await seen(page);
      const picture = await pixelsOf(page, first.canvas);
      assert.ok(picture.colours > 8);
      await assertClean(first);

      const second = await open({ query: link, locale: 'en-US' });
      try {
        await loaded(second.page);
        await second.page.waitForFunction((wanted) => location.hash === wanted, link);
        assert.deepEqual(await seen(second.page), here);
        assertSamePicture(await pixelsOf(second.page, second.canvas), picture);
        await assertClean(second);
      } finally {
        await second.close();
      }
    } finally {
      await first.close();
    }
  });
}

// ---- opening --------------------------------------------------------------------------------------------------------

test('without a link the buddy lesson stands at its start, with the gallery beside it', onPage({}, async ({ page }) => {
  await linkHas(page, 's=02-buddy');
  assert.equal(await step(page), '0');
  assert.equal(await page.locator('#gallery button[aria-current="true"]').getAttribute('data-scenario'), '02-buddy');
  assert.ok(await page.locator('#gallery').isVisible());
  assert.ok((await text(page, '#lesson-notes')).length > 40);
  assert.match(await text(page, '#machine'), /Linux \d/);
}));

test('every scenario of the gallery opens and steps', onPage({}, async ({ page }) => {
  const ids = await page.locator('#gallery button').evaluateAll((buttons) => buttons.map((button) => button.dataset.scenario));
  assert.ok(ids.length >= 5, `${ids.length} scenarios`);
  for (const id of ids) {
    await page.click(`#gallery [data-scenario="${id}"]`);
    await linkHas(page, `s=${id}`);
    if (await page.locator('#go-next').isEnabled()) {
      await page.click('#go-into');
      await page.click('#go-next');
      await page.click('#go-last');
    }
    assert.ok(await page.locator('#notice').isHidden(), id);
  }
}));

test('the gallery shows what a link has opened, and keeps the focus', onPage({ query: '#s=31-kvmalloc' }, async ({ page }) => {
  const inSight = () => page.evaluate(() => {
    const [outer, inner] = ['#lessons', '#gallery [aria-current]'].map((s) => document.querySelector(s).getBoundingClientRect());
    return inner.top >= outer.top && inner.bottom <= outer.bottom;
  });
  assert.ok(await inSight());
  await page.focus('#gallery [data-scenario="30-vmalloc"]');
  await page.keyboard.press('Enter');
  await linkHas(page, 's=30-vmalloc');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.scenario), '30-vmalloc');
  assert.ok(await inSight());
  await page.keyboard.press('ArrowRight');
  assert.equal(await step(page), '1');
}));

test('the gallery behind a closed fold shows what is open as soon as it opens', onPage({ query: '#s=31-kvmalloc&step=2' }, async ({ page }) => {
  await page.click('#lessons summary');
  await page.waitForFunction(() => {
    const [outer, inner] = ['#lessons', '#gallery [aria-current]'].map((s) => document.querySelector(s).getBoundingClientRect());
    return inner.height > 0 && inner.top >= outer.top && inner.bottom <= outer.bottom;
  });
}));

test('on a phone a lesson that is chosen by keyboard takes the focus to its steps', onPage(
  { query: BUDDY, viewport: { width: 390, height: 844 } }, async ({ page }) => {
    await page.click('#tab-lessons');
    await page.focus('#gallery [data-scenario="05-pcp"]');
    await page.keyboard.press('Enter');
    await linkHas(page, 's=05-pcp');
    await page.waitForFunction(() => document.activeElement.id === 'steps');
    await page.keyboard.press('ArrowRight');
    assert.equal(await step(page), '1');
  }));

test('the gallery is searched by title in the language of the page, and by the name of the file', onPage({ query: BUDDY }, async ({ page }) => {
  const ids = () => page.locator('#gallery [data-scenario]').evaluateAll((buttons) => buttons.map((button) => button.dataset.scenario));
  const all = (await ids()).length;
  await page.fill('#gallery-find', 'WATER');
  assert.deepEqual(await ids(), ['03-watermarks-x86']);
  await page.fill('#gallery-find', '36-');
  assert.deepEqual(await ids(), ['36-tlb-stale']);
  await page.fill('#gallery-find', 'no such lesson');
  assert.deepEqual(await ids(), []);
  assert.match(await text(page, '#gallery'), /No lesson/);
  await page.click('#lang-zh');
  await page.fill('#gallery-find', '水线');
  assert.ok((await ids()).includes('03-watermarks-x86'));
  await page.fill('#gallery-find', '');
  assert.equal((await ids()).length, all);
}));

test('at rest nothing is drawn, after moving too', onPage({}, async ({ page }) => {
  await page.keyboard.press('ArrowRight');
  await waitAtRest(page);
  assert.equal(await framesDuring(page, 1000), 0);
}));

// ---- links ----------------------------------------------------------------------------------------------------------

test('a link restores step, event, view, selection, colour and language', onPage(
  { query: `${BUDDY}&step=1&event=2&view=free-lists&lang=zh&sel=zone:0/DMA&colour=order&panel=proc` }, async ({ page }) => {
    assert.equal(await step(page), '2.1.2');
    assert.equal(await page.locator('.event.now .go').innerText(), '2');
    assert.equal(await page.locator('#view-tabs [aria-selected="true"]').getAttribute('data-id'), 'free-lists');
    assert.equal(await page.locator('#panel-tabs [aria-selected="true"]').getAttribute('data-id'), 'proc');
    assert.equal(await page.locator('#lang-zh').getAttribute('aria-pressed'), 'true');
    assert.ok(await page.locator('#notice').isHidden(), await text(page, '#notice-text'));
    await page.keyboard.press('ArrowRight');
    await linkHas(page, 'at=2');
    const link = await hash(page);
    for (const piece of ['view=free-lists', 'lang=zh', 'sel=zone:0/DMA', 'colour=order', 'panel=proc']) {
      assert.ok(link.includes(piece), `${piece} in ${link}`);
    }
    assert.doesNotMatch(link, /step=|event=/);
  }));

test('a changed hash moves the page that is open', onPage({ query: BUDDY }, async ({ page }) => {
  await page.evaluate(() => { location.hash = '#s=02-buddy&step=3'; });
  await page.waitForFunction(() => document.querySelector('#goto').value === '3');
  await page.evaluate(() => { location.hash = '#s=02-buddy&step=1&event=1'; });
  await page.waitForFunction(() => document.querySelector('.event.now .go')?.textContent === '1');
}));

test('a hash that was changed a moment ago is not overwritten', onPage({ query: BUDDY }, async ({ page }) => {
  await page.evaluate(async () => {
    const { app } = await import(new URL('js/main.js', location.href));
    location.hash = '#s=02-buddy&step=3';
    app.flushLink();  // as the timer of the last step may, before the browser tells of the new hash
  });
  await page.waitForFunction(() => document.querySelector('#goto').value === '3');
}));

test('what a link gets wrong is told, and the rest of it counts', onPage(
  { query: `${BUDDY}&step=99999&view=sky&sel=pfn:ffffff0&colour=plaid&nonsense&lang=zh` }, async ({ page }) => {
    const notice = await text(page, '#notice-text');
    for (const piece of ['99,999', 'view=sky', 'colour=plaid']) assert.ok(notice.includes(piece), `${piece} in ${notice}`);
    assert.match(notice, /此外还有 2 处。$/, 'the selection and the nonsense');
    for (const piece of ['sel=pfn:ffffff0', 'nonsense']) assert.ok(!notice.includes(piece), notice);
    assert.ok(await page.locator('#go-next').isDisabled(), 'the last step');
    assert.equal(await page.locator('#lang-zh').getAttribute('aria-pressed'), 'true');
    await page.click('#notice-close');
    assert.ok(await page.locator('#notice').isHidden());
  }));

test('a link to a scenario of somebody else’s tab falls back to the lesson and says so', onPage(
  { query: '#s=own&step=4' }, async ({ page }) => {
    assert.match(await text(page, '#notice-text'), /only in its sender’s tab.*instead: “Buddies/);
    assert.equal(await step(page), '0');
    await linkHas(page, 's=02-buddy');
  }));

test('an unknown scenario falls back to the lesson and says so', async () => {
  const opened = await open({ query: '#s=no-such-lesson&step=3' });
  try {
    await loaded(opened.page);
    assert.match(await text(opened.page, '#notice-text'), /no-such-lesson.*404.*Shown instead: “Buddies/);
    await linkHas(opened.page, 's=02-buddy');
    const others = opened.problems.filter((problem) => !/no-such-lesson|404/.test(problem));
    assert.deepEqual(others, []);
  } finally {
    await opened.close();
  }
});

// ---- words ----------------------------------------------------------------------------------------------------------

for (const [id, size] of [['01-boot', /1 GiB/], ['09-zone-movable', /128 MiB/]]) {
  test(`the size of a machine is said once it has booted: ${id}`, onPage({ query: `#s=${id}` }, async ({ page }) => {
    assert.doesNotMatch(await text(page, '#machine'), /iB/);
    assert.doesNotMatch(await page.locator('#machine').getAttribute('title'), /frame/);
    await page.click('#go-next');
    assert.match(await text(page, '#machine'), size);
    assert.match(await page.locator('#lesson-notes .machine-line').textContent(), size);
    assert.match(await page.locator('#machine').getAttribute('title'), /[1-9]\d,\d{3} page frames/);
    await page.click('#go-first');
    await page.click('#lang-zh');
    await page.click('#go-next');
    assert.match(await text(page, '#machine'), size);
  }));
}

for (const [language, sentence] of [['en', /TLB holds/], ['zh', /TLB 中有什么/]]) {
  test(`help on a phone says what each view of addresses and processes shows, ${language}`, onPage(
    { query: `${BUDDY}&lang=${language}`, viewport: { width: 320, height: 568 }, touch: true }, async ({ page }) => {
      await page.locator('#help').tap();
      const told = await page.locator('#dialog .views dt').allInnerTexts();
      const { views } = await page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.hello);
      assert.deepEqual(told, views.filter(({ place }) => ['addresses', 'processes'].includes(place)).map((view) => view[language]));
      assert.match(await text(page, '#dialog .views'), sentence);
      assert.ok(await page.evaluate(() => document.querySelector('#dialog').scrollWidth <= innerWidth));
    }));
}

test('what was said in one language does not stay in the other', onPage({ query: BUDDY }, async ({ page }) => {
  await page.fill('#goto', '99999');
  await page.press('#goto', 'Enter');
  assert.match(await text(page, '#status'), /there are 21 steps/);
  await page.click('#lang-zh');
  assert.equal(await text(page, '#status'), '');
}));

test('an event that no function of the kernel makes names none', onPage({ query: '#s=02-buddy' }, async ({ page }) => {
  const wrong = await page.evaluate(async () => {
    const { app } = await import(new URL('js/main.js', location.href));
    const out = { seen: 0, wrong: [] };
    await app.open('36-tlb-stale');
    for (let op = 0; op < app.state.steps; ++op) {
      app.seek(op, 1);
      const { events } = app.engine.events(0, app.state.nrEvents);
      for (const [i, event] of events.entries()) {
        if (event.path.length > 0) continue;
        app.seek(op, i + 1);
        out.seen += 1;
        const row = document.querySelector('.event.now');
        const path = document.querySelector('#why-path').textContent;
        if (row.querySelector('.fn') || path !== app.state.opText) out.wrong.push(`${event.name}: ${path}`);
      }
    }
    return out;
  });
  assert.ok(wrong.seen > 3, `${wrong.seen} such events`);
  assert.deepEqual(wrong.wrong, []);
}));

test('each line of a lesson’s notes is a paragraph', onPage({ query: '#s=02-buddy' }, async ({ page }) => {
  for (const language of ['en', 'zh']) {
    await page.click(`#lang-${language}`);
    const { notes, shown } = await page.evaluate(async () => {
      const { app } = await import(new URL('js/main.js', location.href));
      return { notes: app.scenario.notes, shown: [...document.querySelectorAll('#lesson-notes p:not(.machine-line)')].map((p) => p.textContent) };
    });
    assert.ok(shown.length > 1);
    assert.deepEqual(shown, notes.split('\n'));
  }
}));

// ---- keyboard -------------------------------------------------------------------------------------------------------

test('the keyboard steps, jumps and searches', onPage({ query: BUDDY }, async ({ page }) => {
  const press = (key) => page.keyboard.press(key);
  await press('ArrowRight');
  await press('ArrowRight');
  assert.equal(await step(page), '2');
  await press('ArrowLeft');
  assert.equal(await step(page), '1');
  await press('Shift+ArrowRight');
  assert.equal(await page.locator('.event.now .go').innerText(), '1');
  await press('Shift+ArrowLeft');
  assert.equal(await text(page, '#where-event'), '');
  await press('End');
  assert.ok(await page.locator('#go-next').isDisabled());
  await press('Home');
  assert.equal(await step(page), '0');

  await press('g');
  await page.keyboard.type('2');
  await press('Enter');
  assert.equal(await step(page), '2');
  await press('ArrowRight');
  assert.equal(await step(page), '3', 'the arrows are for the steps again');

  await press('/');
  await page.keyboard.type('dma');
  await page.locator('#search-found [role="option"]').first().waitFor();
  await press('Enter');
  await linkHas(page, 'at=3');
  await page.waitForFunction(() => location.hash.includes('sel=zone:'));

  await press('?');
  assert.ok(await page.locator('#dialog').isVisible());
  await press('ArrowRight');
  await press('Escape');
  await page.locator('#dialog').waitFor({ state: 'hidden' });
  assert.equal(await step(page), '3', 'a dialog keeps the keys');
}));

test('“8.3” is the third op of step 8, “9.1.2” an event; what is not there is told', onPage({ query: BUDDY }, async ({ page }) => {
  const goTo = async (written) => {
    await page.fill('#goto', written);
    await page.press('#goto', 'Enter');
  };
  await goTo('8.3');  // a run of 30
  assert.equal(await text(page, '#where-event'), 'in step 8: op 3 of 30');
  assert.equal(await text(page, '#where-steps'), 'of 30');
  assert.equal(await step(page), '8.3');
  assert.equal(await page.locator('.op.now .n').first().innerText(), '8');
  assert.equal(await page.locator('.turn.now .n').innerText(), '8.3');
  await linkHas(page, 'at=8.3');
  await page.keyboard.press('Shift+ArrowLeft');
  assert.equal(await step(page), '8.2');
  await goTo('9.1.2');
  assert.match(await text(page, '#where-event'), /^in step 9: event 2 of \d+$/);
  assert.match(await text(page, '#where-steps'), /^of \d+$/);
  await linkHas(page, 'at=9.1.2');
  await goTo('8.17:2');
  assert.match(await text(page, '#where-event'), /^in step 8, op 17: event 2 of \d+$/);
  await goTo('9.1.999');
  assert.equal(await step(page), '9');
  assert.match(await text(page, '#status'), /^9\.1\.999: op 9\.1 has (\d+) events: 9\.1\.1 to 9\.1\.\1\.$/);
  await goTo('9.4');
  assert.equal(await step(page), '9');
  assert.equal(await text(page, '#status'), '9.4: step 9 has one op, 9.1; the events in it are 9.1.1, 9.1.2 and so on.');
  await goTo('99,999');
  assert.ok(await page.locator('#go-next').isDisabled());
  assert.equal(await step(page), '21');
  assert.equal(await text(page, '#where-steps'), '/ 21');
  assert.equal(await text(page, '#status'), '99999: there are 21 steps: 1 to 21.');
  for (const [nonsense, why] of [['many', /is no place/], ['0.3', /is no position/], ['1.2.3.4', /is no place/], ['2.0', /is no position/]]) {
    await goTo(nonsense);
    assert.match(await text(page, '#status'), why);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'goto', 'to be written again');
  }
  await goTo('2');
  assert.equal(await text(page, '#status'), '', 'nothing is wrong any more');
}));

test('Space plays, and stops', onPage({ query: BUDDY }, async ({ page }) => {
  await page.keyboard.press('Space');
  await page.locator('#play[aria-pressed="true"]').waitFor();
  await page.waitForFunction(() => document.querySelector('#goto').value === '1');
  await page.keyboard.press('Space');
  assert.equal(await page.locator('#play').getAttribute('aria-pressed'), 'false');
}));

test('Tab and the arrow keys reach every control, and the focus is seen', onPage({ query: `${BUDDY}&step=2&view=map` }, async ({ page }) => {
  await page.click('#lessons summary');
  await page.focus('#skip');
  const missing = new Set(['search-text', 'lang-en', 'lang-zh', 'theme', 'share', 'help', 'place', 'follow', 'trail-back', 'canvas', 'colour',
    'layout', 'split-left', 'split-right', 'tab-inspect', 'open-file', 'paste', 'op-line', 'go', 'ref', 'go-first', 'go-back',
    'go-back-event', 'go-into', 'go-next', 'go-way', 'go-note', 'go-last', 'play', 'pace', 'goto', 'timeline']);
  const look = async () => {
    const { id, outline, inside } = await page.evaluate(() => {
      const element = document.activeElement;
      const keys = { '.tools, #way, #lessons .row': 'ArrowRight', '#gallery, #ops, #why, #inspect': 'ArrowDown' };
      const inside = Object.entries(keys).find(([selector]) => element.closest(selector))?.[1];
      return { id: element.id || element.className || element.localName, outline: getComputedStyle(element).outlineStyle, inside };
    });
    if (id !== 'body') assert.notEqual(outline, 'none', `focus on ${id}`);  // behind the last stop is the browser's own bar
    missing.delete(id);
    return inside;
  };
  for (let i = 0; i < 60 && missing.size > 0; ++i) {
    await page.keyboard.press('Tab');
    const key = await look();
    for (let k = 0; key && k < 12; ++k) {
      await page.keyboard.press(key);
      await look();
    }
  }
  assert.deepEqual([...missing], []);
}));

test('focus stays on the controls when a button has nothing more to do', onPage({ query: BUDDY }, async ({ page }) => {
  await page.focus('#go-last');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'go-back');
  await page.focus('#go-first');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'go-next');
}));

// ---- panels ---------------------------------------------------------------------------------------------------------

test('a number in the why line selects what it stands for', onPage({ query: `${BUDDY}&step=1` }, async ({ page }) => {
  const ref = page.locator('#why-text .ref').first();
  const place = await ref.getAttribute('data-place');
  await ref.click();
  assert.equal(await ref.getAttribute('aria-current'), 'true');
  await linkHas(page, `sel=${place}`);
  assert.match(await text(page, '#inspect'), /struct (page|zone)/);
}));

test('the inspector marks what the step changed', onPage({ query: `${BUDDY}&step=1` }, async ({ page }) => {
  await page.locator('.event .ref[data-place^="zone:"]').first().click();
  assert.ok((await page.locator('#inspect .field.changed').count()) > 0);
  await page.keyboard.press('Home');
  assert.equal(await page.locator('#inspect .field.changed').count(), 0);
}));

test('an event in the log is gone to by its number', onPage({ query: `${BUDDY}&step=1` }, async ({ page }) => {
  await page.locator('.event .go').nth(1).click();
  assert.equal(await step(page), '1.1.2');
  assert.equal(await page.locator('.event.now .go').innerText(), '2');
  assert.match(await text(page, '#where-event'), /event 2 of \d+/);
}));

test('a pasted /proc/buddyinfo is read, refused with its place, and continued', onPage({ query: BUDDY }, async ({ page }) => {
  await page.click('#tab-proc');
  const own = await page.locator('#proc pre').innerText();
  const title = await page.title();
  await page.click('#read-buddyinfo');
  await page.fill('#buddyinfo-text', 'Node 0, zone DMA 1 2\nNode 0, zone Normal 3 oops\n');
  await page.click('#buddyinfo-go');
  assert.match(await page.locator('#buddyinfo-answer .error').innerText(), /2.*23/);
  await page.fill('#buddyinfo-text', 'Node 0, zone Normal 0 0 0 0 0 0 0 0 0 0 7\n');
  await page.click('#buddyinfo-go');
  assert.match(await page.locator('#buddyinfo-misfit').innerText(), /zone Normal/);
  assert.match(await page.locator('#buddyinfo-answer caption').innerText(), /7,?168|7 168/);
  assert.match(await text(page, '#buddyinfo-answer .row'), /a machine made for them \(x86_64\): counts real, sizes and places assumed/);
  assert.match(await text(page, '#buddyinfo-answer'), /−1: it would succeed/);
  await page.fill('#buddyinfo-text', 'Node 0, zone Movable 0 0 0 0 0 0 0 0 0 0 7\n');
  await page.click('#buddyinfo-go');
  assert.match(await text(page, '#buddyinfo-unmade'), /^No machine can be made for them either: how large zone Movable is/);
  assert.equal(await page.locator('#buddyinfo-load').count(), 0);
  assert.equal(await page.title(), title);
  await page.keyboard.press('Escape');
  await page.click('#lang-zh');
  await page.click('#read-buddyinfo');
  await page.fill('#buddyinfo-text', 'Node 0, zone Normal 3 oops\n');
  await page.click('#buddyinfo-go');
  assert.match(await text(page, '#buddyinfo-answer'), /^第 1 行第 23 列：这里应当是空闲块数，一个数，却是“oops”/);
  await page.fill('#buddyinfo-text', 'Node 0, zone Normal 0 0 0 0 0 0 0 0 0 0 7\n');
  await page.click('#buddyinfo-go');
  assert.match(await text(page, '#buddyinfo-misfit'), /^当前打开的机器不可能有这些空闲块：这台机器在节点 0 的内存域 Normal 中没有内存/);
  await page.fill('#buddyinfo-text', own);
  await page.click('#buddyinfo-go');
  await page.click('#buddyinfo-load');
  await page.waitForFunction((old) => document.title !== old, title);
  assert.equal((await page.locator('#proc pre').innerText()).trim(), own.trim());
}));

test('/proc is the text of this moment, and the scenario its source', onPage({ query: BUDDY }, async ({ page }) => {
  await page.click('#tab-proc');
  assert.match(await page.locator('#proc pre').innerText(), /^Node 0, zone\s+\w+(\s+\d+){11}/);
  const before = await page.locator('#proc pre').innerText();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction((old) => document.querySelector('#proc pre').innerText !== old, before);
  await page.selectOption('#proc-file', 'zoneinfo');
  assert.match(await page.locator('#proc pre').innerText(), /pages free\s+\d+/);
  await page.click('#tab-source');
  const source = JSON.parse(await page.locator('#source pre').textContent());
  assert.equal(source.format, 'mmscope/1');
}));

test('long lines of /proc go on behind a shade, and the arrow keys scroll them', onPage(
  { query: `${BUDDY}&step=1&panel=proc`, viewport: { width: 1280, height: 800 } }, async ({ page }) => {
    const pre = page.locator('#proc pre');
    assert.ok(await pre.evaluate((element) => element.scrollWidth > element.clientWidth + 20));
    const shade = async () => {
      const pixels = await pixelsOf(page, pre);
      const [x, y] = [pixels.width - 2, 3];
      return [pixels.at(x, y), pixels.at(x - 40, y)];
    };
    let [edge, inside] = await shade();
    assert.notDeepEqual(edge, inside, 'more follows');
    await pre.focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('#proc pre').scrollLeft > 0);
    assert.equal(await step(page), '1');
    await pre.evaluate((element) => { element.scrollLeft = 10000; });
    await page.focus('#canvas');
    [edge, inside] = await shade();
    assert.deepEqual(edge, inside, 'this is the end');
    await page.keyboard.press('ArrowRight');
    assert.equal(await step(page), '2');
  }));

test('the timeline seeks by pointer', onPage({ query: BUDDY }, async ({ page }) => {
  const box = await page.locator('#timeline').boundingBox();
  await page.mouse.click(box.x + box.width - 2, box.y + 10);
  await page.waitForFunction(() => document.querySelector('#go-next').disabled);
  await page.mouse.move(box.x + box.width - 2, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x, box.y + 10, { steps: 5 });
  await page.mouse.up();
  await page.waitForFunction(() => document.querySelector('#go-first').disabled);
}));

test('language and theme change in place', onPage({ query: `${BUDDY}&step=1&event=2` }, async ({ page }) => {
  const english = await text(page, '#why-text');
  await page.click('#lang-zh');
  const chinese = await text(page, '#why-text');
  assert.match(chinese, /[\u4e00-\u9fff]/);
  assert.notEqual(chinese, english);
  assert.match(await text(page, '#go-next'), /下一步/);
  assert.equal(await page.locator('.event.now .go').innerText(), '2');
  await page.click('#lang-en');
  assert.equal(await text(page, '#why-text'), english);
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.click('#theme');
  await page.click('#theme');
  assert.notEqual(await paper(), light);
}));

// ---- own scenarios --------------------------------------------------------------------------------------------------

const OWN = {
  format: 'mmscope/1',
  title: { en: 'Mine', zh: '我的' },
  machine: { profile: { name: 'small', arch: 'x86_64', kernel: '6.1', memory: '64MiB', cpus: 1 } },
  steps: [{ op: 'alloc_pages', order: 2, gfp: 'GFP_KERNEL', as: 'a' }, { op: '__free_pages', page: 'a' }],
};

test('a scenario with a mistake shows line and column and keeps what was there', onPage({ query: `${BUDDY}&step=2` }, async ({ page }) => {
  const title = await text(page, '#title');
  const bad = JSON.stringify(OWN, null, 1).replace('"order": 2', '"order": 99');
  const line = bad.split('\n').findIndex((l) => l.includes('"order": 99')) + 1;
  await page.click('#lessons summary');
  await page.click('#paste');
  await page.fill('#paste-text', bad);
  await page.click('#paste-load');
  const error = await text(page, '#paste-error');
  assert.match(error, new RegExp(`Line ${line}, column \\d+`));
  assert.match(error, /order/);
  assert.match(error, /99/);
  assert.equal(await text(page, '#title'), title);
  assert.equal(await step(page), '2');

  await page.fill('#paste-text', '{"format": "mmscope/1",\n  oops');
  await page.click('#paste-load');
  assert.match(await text(page, '#paste-error'), /Line 2, column \d+/);

  await page.fill('#paste-text', JSON.stringify(OWN));
  await page.click('#paste-load');
  await page.waitForFunction(() => !document.querySelector('#dialog').open);
  assert.equal(await text(page, '#title'), 'Mine');
  assert.equal(await step(page), '0');
}));

// What is refused of well-formed text is told in the language of the page: by an op, by a recorded state, by a name.
const REFUSED = [
  [{ steps: [{ op: 'alloc_pages', order: 99 }] }, /^第 1 行第 \d+ 列：steps\[0\]\.order：99 超过了 MAX_ORDER 10/],
  [{ steps: [{ op: '__free_pages', page: 'x' }] }, /steps\[0\]\.page：前面没有哪一步产生结果 "x"/],
  [{ machine: { profile: { memory: '64MiB', nodes: 3, cpu_node: [4] } } }, /machine\.profile\.cpu_node\[0\]：/],
  [{ machine: { name: 'no-such-machine' } }, /^machine：这个页面没有名为“no-such-machine”的机器/],
  [{ machine: { profile: { memory: [{ start: '1GiB', size: '4MiB' }], recorded: [{
    zone: '0:DMA', start_pfn: '0x40000', spanned_pages: 1024, present_pages: 1024, managed_pages: 1023, watermark: [1, 2, 3],
    free_lists: { Movable: { 4: '40012' } }, block_types: '40000+2:Movable' }] } } }, /free_lists\.Movable\.4：0x40012 没有按 4 阶的块对齐/],
  [{ machine: { profile: { memory: '4GiB' } }, steps: [{ op: 'pgd_alloc', as: 'm' },
    { op: 'create_pgd_mapping', mm: 'm', address: '0x0', phys: '0x0', size: '1TiB', page_mappings_only: true }] },
  /steps\[1\]：操作 2\.1 create_pgd_mapping\(.*\) 不能执行：单是它就要超过 8,388,608 个单位的工作量/],
];

test('what a scenario asks for in vain is told in the language of the page', onPage({ query: BUDDY, locale: 'zh-CN' }, async ({ page, problems }) => {
  await page.click('#paste');
  for (const [change, told] of REFUSED) {
    await page.fill('#paste-text', JSON.stringify({ ...OWN, ...change }));
    await page.click('#paste-load');
    await page.waitForFunction((pattern) => new RegExp(pattern).test(document.querySelector('#paste-error p')?.textContent), told.source);
  }
  await page.fill('#paste-text', '{"format": "mmscope/1",\n  oops');
  await page.click('#paste-load');
  assert.match(await text(page, '#paste-error'), /^第 2 行第 \d+ 列：不是 JSON：.*\s[^]*之前载入的内容仍然保留。$/);
  // The machine that is not there was asked for, and that is all.
  assert.deepEqual(problems.splice(0).filter((problem) => !/no-such-machine|404/.test(problem)), []);
}));

test('a file of one’s own opens; a broken one is shown with its mistake', onPage({ query: BUDDY }, async ({ page }) => {
  await page.setInputFiles('#file', { name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(OWN)) });
  await page.waitForFunction(() => document.querySelector('#title').textContent === 'Mine');
  await page.click('#go-into');
  await page.waitForFunction(() => /[#&]z=1\./.test(location.hash));
  await page.setInputFiles('#file', { name: 'broken.json', mimeType: 'application/json', buffer: Buffer.from('[1, 2]') });
  await page.locator('#paste-error .error').waitFor();
  assert.equal(await page.locator('#paste-text').inputValue(), '[1, 2]');
  await page.keyboard.press('Escape');
  assert.equal(await text(page, '#title'), 'Mine');
  assert.ok(await page.locator('#changed-from').isHidden(), 'it derives from no lesson');
}));

test('texts of a scenario are text, whatever they hold', onPage({ query: BUDDY }, async ({ page }) => {
  const evil = { ...OWN, title: '<img src=x onerror=alert(1)>', notes: '<script>alert(1)</script> \u202e & "quotes"' };
  await page.setInputFiles('#file', { name: 'evil.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(evil)) });
  await page.waitForFunction(() => document.querySelector('#title').textContent.startsWith('<img'));
  assert.equal(await page.locator('#title img, #lesson-notes script').count(), 0);
}));

// ---- phones and others ----------------------------------------------------------------------------------------------

for (const [name, viewport] of [['phone', { width: 390, height: 844 }], ['small phone', { width: 320, height: 568 }],
  ['phone on its side', { width: 844, height: 390 }], ['tablet', { width: 820, height: 1180 }]]) {
  test(`on a ${name} nothing is cut off and every panel is a tap away`, onPage(
    { query: `${BUDDY}&step=1&event=2`, viewport, touch: true }, async ({ page }) => {
      for (const language of ['en', 'zh']) {
        await page.evaluate((l) => document.querySelector(`#lang-${l}`).click(), language);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no sideways scrolling');
        for (const id of ['go-back', 'go-into', 'go-next', 'play', 'canvas', 'share', 'why-text']) {
          const box = await page.locator(`#${id}`).boundingBox();
          assert.ok(box && box.x >= 0 && box.x + box.width <= viewport.width + 0.5 && box.y + box.height <= viewport.height + 0.5,
            `${id} is in sight: ${JSON.stringify(box)}`);
        }
        for (const panel of ['lessons', 'inspect', 'proc', 'source', 'steps']) {
          await page.locator(`#tab-${panel}`).tap();
          assert.ok(await page.locator(`#${panel}`).isVisible(), panel);
        }
      }
      const canvas = await page.locator('#canvas').boundingBox();
      assert.ok(canvas.height >= 100, `the picture is ${canvas.height} high`);
    }));
}

test('colours of the page are those of the canvas', onPage({}, async ({ page }) => {
  const css = readFileSync(join(WEB, 'css', 'base.css'), 'utf8');
  const palettes = await page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.hello.palette);
  for (const [theme, start] of [['light', ':root {'], ['dark', ':root[data-dark] {']]) {
    const block = css.slice(css.indexOf(start), css.indexOf('}', css.indexOf(start)));
    for (const name of ['paper', 'panel', 'ink', 'muted', 'faint', 'accent', 'good', 'bad', 'free', 'allocated', 'pcp']) {
      assert.match(block, new RegExp(`--${name}: ${palettes[theme][name]};`), `${name} in ${theme}`);
    }
  }
}));

// ---- when something fails -------------------------------------------------------------------------------------------

test('without WebGL 2 the words work', async () => {
  const opened = await open({
    query: BUDDY,
    ready: false,
    prepare: (page) => page.addInitScript(() => {
      const real = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) { return kind === 'webgl2' ? null : real.call(this, kind, ...rest); };
    }),
  });
  try {
    await loaded(opened.page);
    assert.match(await text(opened.page, '#trouble'), /No picture in this browser\s+The picture needs WebGL 2/);
    await opened.page.click('#lang-zh');
    assert.match(await text(opened.page, '#trouble'), /^这个浏览器无法显示图\s+图需要 WebGL 2/);
    await opened.page.click('#lang-en');
    assert.match(await text(opened.page, '#trouble'), /^No picture/);
    await opened.page.click('#go-into');
    assert.ok((await text(opened.page, '#why-text')).length > 20);
    assert.ok((await opened.page.locator('.event').count()) > 1);
  } finally {
    await opened.close();
  }
});

test('an engine that cannot be loaded is told', async () => {
  const opened = await open({ ready: false, prepare: (page) => page.route('**/mmscope.wasm', (route) => route.abort()) });
  try {
    await opened.page.waitForFunction(() => document.documentElement.dataset.failed === 'engine');
    assert.match(await text(opened.page, '#trouble'), /could not be loaded/);
    const detail = await text(opened.page, '#trouble pre');
    await opened.page.click('#lang-zh');
    assert.match(await text(opened.page, '#trouble h2'), /^引擎无法载入$/);
    assert.equal(await text(opened.page, '#trouble pre'), detail, 'what the browser says');
  } finally {
    await opened.close();
  }
});

test('an engine that breaks offers a file that reproduces it', async () => {
  const opened = await open({
    query: BUDDY,
    prepare: (page) => page.route(/mmscope\.js$/, (route) => route.fulfill({
      contentType: 'text/javascript',
      body: `import create from './mmscope.js?real';
             export default async (options) => {
               const module = await create(options);
               const move = module._mmscope_move;
               let moves = 0;
               const breaking = (motion) => {
                 if (++moves > 2) throw new WebAssembly.RuntimeError('unreachable');
                 return move(motion);
               };
               // Emscripten puts the real function in place of its first caller.
               Object.defineProperty(module, '_mmscope_move', { get: () => breaking, set() {} });
               return module;
             };`,
    })),
  });
  const { page } = opened;
  try {
    await loaded(page);
    for (let i = 0; i < 3; ++i) await page.keyboard.press('ArrowRight');
    await page.locator('#save-report').waitFor();
    await page.click('#lang-zh');
    assert.match(await text(page, '#trouble'), /^引擎已停止\s+这是 mmscope 的错误[^]*RuntimeError[^]*保存报告/);
    const { bytes } = await page.download(() => page.click('#save-report'));
    const report = JSON.parse(bytes);
    assert.equal(report.format, 'mmscope-report/1');
    assert.equal(report.step, 2);
    assert.deepEqual(report.journal.slice(-3), [['move', 'next_step'], ['move', 'next_step'], ['move', 'next_step']]);
    assert.equal(JSON.parse(report.scenario).format, 'mmscope/1');
  } finally {
    await opened.close();
  }
});
