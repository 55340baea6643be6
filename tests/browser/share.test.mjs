// The share dialog: what it gives is there to be read before it is copied, opens what it says, and fits every window.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { markdown, iframe, element } from '../../web/js/share/snippets.js';
import { modulesOf } from '../../web/js/share/qr.js';
import { pixelsOf, withPage } from './harness.mjs';
import { wholePage } from './whole-page.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const AXE = readFileSync(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');
const KINDS = ['link', 'qr', 'page', 'course', 'picture', 'file'];
const PLACE = '#s=02-buddy&at=5&view=map&lang=en&sel=pfn:45f40';

const onPage = (options, body) => withPage({ query: PLACE, ...options }, async (opened) => {
  await wholePage(opened.page);
  await opened.page.click('#share');
  await opened.page.locator('#share-link').waitFor();
  await body(opened);
});
const value = (page, id) => page.locator(`#${id}`).inputValue();
const clipboard = (page, works) => page.evaluate((can) => {
  window.__copied = [];
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: {
    writeText: async (text) => { if (!can) throw new DOMException('', 'NotAllowedError'); window.__copied.push(text); },
    write: async (items) => { if (!can) throw new DOMException('', 'NotAllowedError'); window.__copied.push(await (await items[0].getType('image/png')).size); },
  } });
}, works);
// What would be saved: its name, and the text or the size.
const watchSaving = (page) => page.evaluate(() => {
  window.__saved = [];
  const blobs = new Map();
  const real = URL.createObjectURL;
  URL.createObjectURL = (blob) => { const url = real(blob); blobs.set(url, blob); return url; };
  HTMLAnchorElement.prototype.click = async function click() {
    const blob = blobs.get(this.href);
    window.__saved.push({ name: this.download, type: blob.type, size: blob.size, text: await blob.text() });
  };
});
const saved = async (page, button) => {
  await page.evaluate(() => { window.__saved.length = 0; });
  await page.click(button);
  await page.waitForFunction(() => window.__saved.length === 1);
  return page.evaluate(() => window.__saved[0]);
};

// ---- texts without a page -------------------------------------------------------------------------------------------

test('titles and links of any characters stay text in Markdown and HTML', () => {
  assert.equal(markdown('a [b] *c* \\ <d>', 'https://x/#sel=cache:f(1)'), '[a \\[b\\] \\*c\\* \\\\ \\<d\\>](https://x/#sel=cache:f%281%29)');
  assert.equal(iframe('https://x/m/', '#s=a&at=4', { title: '"<b>&', width: 640, height: 400 }),
    '<iframe src="https://x/m/embed.html#s=a&amp;at=4" title="&quot;&lt;b&gt;&amp;" width="640" height="400" loading="lazy" allow="clipboard-write"></iframe>');
  assert.equal(element('https://x/m/', { s: 'a', at: '4', view: 'map', sel: '', look: '1' }, { title: '"', width: 640, height: 400 }),
    '<script src="https://x/m/embed/mm-scope.js" defer></script>\n'
    + '<mm-scope scenario="a" at="4" view="map" title="&quot;" style="height: 400px; max-width: 640px"></mm-scope>');
});

test('a QR code has the patterns of the standard, and what is too long has none', () => {
  for (const length of [1, 68, 400, 401, 2953]) {
    const modules = modulesOf('x'.repeat(length));
    const size = modules.length;
    assert.equal((size - 17) % 4, 0, 'a version has 4 modules more than the one before');
    for (const [top, left] of [[0, 0], [0, size - 7], [size - 7, 0]]) {  // finders: 7, 5 and 3 wide, dark, light and dark
      for (let y = 0; y < 7; ++y) {
        for (let x = 0; x < 7; ++x) assert.equal(modules[top + y][left + x], Math.max(Math.abs(x - 3), Math.abs(y - 3)) !== 2, `${length}`);
      }
    }
    for (let i = 8; i < size - 8; ++i) assert.equal(modules[6][i], i % 2 === 0, 'the timing pattern');
  }
  assert.equal(modulesOf('x'.repeat(2954)), null);
});

// ---- the dialog -----------------------------------------------------------------------------------------------------

test('the link is that of the page, and leaves out what is not wanted', onPage({}, async ({ page }) => {
  const base = page.url().replace(/#.*$/s, '');
  assert.match(await value(page, 'share-link'), /#s=02-buddy&at=5&view=map&lang=en&sel=pfn:45f40/);
  assert.ok((await value(page, 'share-link')).startsWith(`${base}#`));
  for (const [choice, part] of [['step', 'at='], ['select', 'sel='], ['language', 'lang='], ['view', 'view=']]) {
    await page.click(`#keep-${choice}`);
    assert.ok(!(await value(page, 'share-link')).includes(part), choice);
    assert.equal(await page.evaluate(() => document.activeElement.id), `keep-${choice}`, 'the focus stays');
  }
  assert.equal(await value(page, 'share-link'), `${base}#s=02-buddy`);
  assert.equal(await value(page, 'share-markdown'), `[Buddies: split and merge](${base}#s=02-buddy)`);
  await page.click('#keep-step');
  assert.equal(await value(page, 'share-link'), `${base}#s=02-buddy&at=5`);
  assert.match(await page.locator('#share-size').innerText(), /^\s*\d+ characters: fits anywhere$/);
}));

test('of a step with a question the link stands before it, unless it was answered or the person wants otherwise', onPage({ query: PLACE.replace('at=5', 'at=4') }, async ({ page }) => {
  assert.match(await value(page, 'share-link'), /&at=3&/);
  assert.match(await value(page, 'share-markdown'), /step 3\]/);
  await page.click('#tab-share-page');
  assert.match(await value(page, 'share-iframe'), /&amp;at=3&amp;/);
  assert.match(await value(page, 'share-element'), /at="3"/);
  await page.click('#keep-before');
  assert.match(await value(page, 'share-iframe'), /&amp;at=4&amp;/);
  await page.keyboard.press('Escape');
  await page.evaluate(async () => {
    const { app } = await import(new URL('js/main.js', location.href));
    const [op] = app.questions.all[0];
    app.questions.give(op, '0', app.engine.answer(op, '0'));
  });
  await page.click('#share');
  await page.click('#tab-share-link');
  assert.match(await value(page, 'share-link'), /&at=4&/);
}));

test('what is copied is what is shown; where it cannot be copied it is selected', onPage({}, async ({ page }) => {
  await clipboard(page, true);
  await page.click('#share-link-copy');
  await page.waitForFunction(() => document.querySelector('#share-told').textContent === 'Copied.');
  assert.deepEqual(await page.evaluate(() => window.__copied), [await value(page, 'share-link')]);
  await clipboard(page, false);
  await page.click('#share-markdown-copy');
  await page.waitForFunction(() => /does not copy by itself/.test(document.querySelector('#share-told').textContent));
  assert.deepEqual(await page.evaluate(() => {
    const { id, selectionStart, selectionEnd, value } = document.activeElement;
    return [id, selectionStart, selectionEnd === value.length];
  }), ['share-markdown', 0, true]);
}));

for (const theme of ['light', 'dark']) {
  test(`the QR code is dark on light with a quiet zone, ${theme}, and fills the window for a room`, onPage({ theme }, async ({ page }) => {
    await page.click('#tab-share-qr');
    const { modules } = await page.evaluate(async () => ({ modules: Number(document.querySelector('.qr').getAttribute('viewBox').split(' ')[2]) }));
    const pixels = await pixelsOf(page, page.locator('.qr-box .qr'));
    const cell = pixels.width / modules;
    const at = (x, y) => pixels.at(Math.floor((x + 0.5) * cell), Math.floor((y + 0.5) * cell))[0];
    for (let i = 0; i < modules; ++i) for (let ring = 0; ring < 4; ++ring) assert.ok(at(i, ring) > 240 && at(ring, i) > 240, 'quiet');
    assert.equal(await page.locator('#share-link').count(), 0, 'one kind is shown at a time');
    await page.click('#tab-share-link');
    const wanted = modulesOf(await value(page, 'share-link'));
    assert.equal(wanted.length, modules - 8);
    wanted.forEach((row, y) => row.forEach((dark, x) => assert.equal(at(x + 4, y + 4) < 128, dark, `${x} ${y}`)));
    await page.click('#tab-share-qr');
    await page.click('#qr-room');
    const box = await page.locator('.qr-room .qr').boundingBox();
    assert.ok(box.height > 680, `${box.height} of 800`);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('.qr-room') === null);
    assert.ok(await page.locator('#dialog').isVisible());
    assert.equal(await page.evaluate(() => document.activeElement.id), 'qr-room', 'the focus goes back');
  }));
}

test('frames of three sizes, an element and the command for a course', onPage({}, async ({ page }) => {
  await page.click('#tab-share-page');
  for (const [id, width, height] of [['wide', 640, 400], ['small', 480, 320], ['phone', 374, 480]]) {
    await page.click(`#size-${id}`);
    const made = await page.evaluate((html) => {
      const frame = new DOMParser().parseFromString(html, 'text/html').querySelector('iframe');
      return { src: frame.src, width: frame.width, height: frame.height, title: frame.title };
    }, await value(page, 'share-iframe'));
    assert.deepEqual(made, { src: page.url().replace(/#.*$/s, 'embed.html#s=02-buddy&at=5&view=map&lang=en&sel=pfn:45f40'),
      width: String(width), height: String(height), title: 'Buddies: split and merge, step 5' });
  }
  assert.match(await value(page, 'share-element'), /<mm-scope scenario="02-buddy" at="5" view="map"/);
  await page.click('#frame-view-only');
  await page.fill('#frame-steps', '3-7');
  await page.press('#frame-steps', 'Tab');
  await page.selectOption('#frame-theme', 'dark');
  assert.match(await value(page, 'share-iframe'), /sel=pfn:45f40&amp;views=map&amp;steps=3-7&amp;theme=dark"/);
  assert.match(await value(page, 'share-element'), / views="map" steps="3-7" theme="dark"/);
  await page.click('#tab-share-course');
  assert.equal(await value(page, 'share-course'), './dev pack --course 02-buddy');
}));

for (const [lang, said] of [['en', /written as 4 or 3-7, and this lesson has 21/], ['zh', /写作 4 或 3-7，本课共 21 步/]]) {
  test(`steps of a frame that are malformed or beyond the end are told and left out (${lang})`, onPage({ query: PLACE.replace('lang=en', `lang=${lang}`) }, async ({ page }) => {
    await page.click('#tab-share-page');
    const set = async (text) => {
      await page.fill('#frame-steps', text);
      await page.press('#frame-steps', 'Tab');
    };
    for (const steps of ['7-3', '0', 'three', '3-22', '22', '<b>']) {
      await set(steps);
      assert.match(await page.locator('#frame-steps-wrong').innerText(), said, steps);
      assert.equal(await page.locator('#frame-steps').getAttribute('aria-invalid'), 'true');
      assert.equal(await value(page, 'frame-steps'), steps, 'it can be mended');
      assert.doesNotMatch(await value(page, 'share-iframe'), /steps=/);
    }
    for (const steps of ['3-21', '']) {
      await set(steps);
      assert.equal(await page.locator('#frame-steps-wrong').count(), 0, steps);
      assert.equal(/steps=3-21/.test(await value(page, 'share-iframe')), steps !== '');
    }
  }));
}

test('the picture and the file are saved', onPage({}, async ({ page }) => {
  await watchSaving(page);
  await clipboard(page, true);
  await page.click('#tab-share-picture');
  const pixels = await pixelsOf(page, page.locator('.share-picture'));
  assert.ok(pixels.colours > 8, `${pixels.colours} colours: it is not empty`);
  const png = await saved(page, '#png-save');
  assert.deepEqual([png.name, png.type], ['02-buddy-5-map.png', 'image/png']);
  assert.ok(png.size > 5000, `${png.size}`);
  await page.click('#png-copy');
  await page.waitForFunction(() => document.querySelector('#share-told').textContent === 'Copied.');
  assert.deepEqual(await page.evaluate(() => window.__copied), [png.size]);
  await page.click('#tab-share-file');
  const file = await saved(page, '#share-save');
  assert.deepEqual([file.name, file.text], ['02-buddy.json', readFileSync(join(ROOT, 'scenarios/02-buddy.json'), 'utf8')]);
  await page.click('#tab-share-qr');
  const code = await saved(page, '#qr-save');
  assert.match(code.text, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox=/);
}));

test('the picture as SVG is offered where the engine can write it', onPage({}, async ({ page }) => {
  await page.keyboard.press('Escape');
  await page.evaluate(async () => {
    const { app } = await import(new URL('js/main.js', location.href));
    app.engine.exportSvg ??= () => '<svg xmlns="http://www.w3.org/2000/svg"/>';
  });
  await watchSaving(page);
  await page.click('#share');
  await page.click('#tab-share-picture');
  const svg = await saved(page, '#svg-save');
  assert.equal(svg.name, '02-buddy-5-map.svg');
  assert.match(svg.text, /^(<\?xml[^>]*>\s*)?<svg/);
}));

test('an address of one’s own site becomes a short link', onPage({}, async ({ page }) => {
  await page.click('#tab-share-file');
  await page.fill('#share-address', 'http://example.org/a.json');
  assert.equal(await page.locator('#share-elsewhere').count(), 0);
  await page.fill('#share-address', 'https://example.org/a b.json?x=1&y=2');
  assert.match(await value(page, 'share-elsewhere'), /#url=https:\/\/example\.org\/a%2520b\.json%3Fx%3D1%26y%3D2&at=5/);
}));

test('the dialog by keyboard: arrows among the kinds, Tab into what is shown, Esc back to the button', onPage({}, async ({ page }) => {
  assert.equal(await page.evaluate(() => document.activeElement.id), 'tab-share-link');
  for (const kind of [...KINDS.slice(1), 'link']) {
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.evaluate(() => document.activeElement.id), `tab-share-${kind}`);
    assert.equal(await page.locator(`#tab-share-${kind}`).getAttribute('aria-selected'), 'true');
  }
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.querySelector('#share-panel').contains(document.activeElement)));
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'share');
}));

for (const [name, options] of Object.entries({
  'a wide window': {}, 'a phone': { viewport: { width: 390, height: 844 }, touch: true }, 'a small one': { viewport: { width: 480, height: 320 } },
  'a dark one, in Chinese': { theme: 'dark', query: PLACE.replace('lang=en', 'lang=zh') },
})) {
  test(`in ${name} nothing of the dialog is cut off, and axe finds nothing`, onPage(options, async ({ page }) => {
    await page.evaluate(AXE);
    for (const kind of KINDS) {
      await page.click(`#tab-share-${kind}`);
      const wide = await page.evaluate(() => {
        const dialog = document.querySelector('#dialog');
        const edge = dialog.getBoundingClientRect();
        const out = [...dialog.querySelectorAll('#share-panel *')].map((one) => one.getBoundingClientRect()).filter((box) => box.width > 0 && (box.left < edge.left || box.right > edge.right));
        return [dialog.scrollWidth - dialog.clientWidth, out.length];
      });
      assert.deepEqual(wide, [0, 0], kind);
      const found = await page.evaluate(async () => (await window.axe.run('#dialog')).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`));
      assert.deepEqual(found, [], kind);
    }
  }));
}
