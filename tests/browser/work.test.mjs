// Long work goes on in slices: the page shows how far it has come, answers meanwhile, and can be told to stop.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { withPage } from './harness.mjs';

const title = (page) => page.locator('#title').innerText();
const step = (page) => page.locator('#goto').inputValue();
const opsDone = (page) => page.evaluate(() => window.__app.state.step);
const tooMuch = (name) => readFileSync(new URL(`../budget/${name}.json`, import.meta.url), 'utf8');

// Each allocation passes all pages so far, so that this takes most of the budget, and many slices.
const LARGE = JSON.stringify({
  format: 'mmscope/1',
  title: { en: 'Large', zh: '很大' },
  machine: { profile: { kernel: '5.10', memory: '256MiB', allocator: 'slob' } },
  steps: [{ repeat: { count: 12000, steps: [{ op: 'kmalloc', size: 3000 }] } }],
});

// Begins to load a scenario, and keeps what the bar showed and how it ended. `held`: it stays in its first slice until
// release(), so that what a test does meanwhile does not race with it.
async function begin(page, text, { held = false } = {}) {
  await page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
  await page.evaluate(async ([source, hold]) => {
    const { app } = await import(new URL('js/main.js', location.href));
    const { engine } = app;
    window.__goOn ??= engine.goOn.bind(engine);
    window.__held = hold;
    let last = null;
    engine.goOn = (kind) => {
      if (!window.__held || !last) last = window.__goOn(kind);
      return last;
    };
    const box = document.getElementById('work');
    window.__app = app;
    window.__bars = [];
    window.__said = [];
    window.__end = undefined;
    new MutationObserver(() => {
      if (box.hidden) return;
      window.__bars.push(Number(document.getElementById('work-bar').value));
      window.__said.push(document.getElementById('work-text').innerText);
    }).observe(box, { subtree: true, attributes: true, childList: true });
    app.loadText('own', source).then((error) => { window.__end = error ?? 'loaded'; });
  }, [text, held]);
}
const release = (page) => page.evaluate(() => { window.__held = false; });
const ended = async (page) => {
  await page.waitForFunction(() => window.__end !== undefined, undefined, { timeout: 120_000 });
  return page.evaluate(() => window.__end);
};

test('a large scenario opens after it has run, and the bar tells how far it is', withPage({}, async ({ page }) => {
  await begin(page, LARGE, { held: true });
  await page.locator('#work-stop').waitFor();
  assert.match(await page.locator('#work-text').innerText(), /Running the scenario before it opens: op [\d,]+ of 12,000/);
  assert.notEqual(await title(page), 'Large', 'what was loaded stays until then');
  await release(page);
  assert.equal(await ended(page), 'loaded');
  const bars = await page.evaluate(() => window.__bars);
  assert.ok(new Set(bars).size > 3, `the bar was seen at ${bars}`);
  assert.deepEqual(bars, [...bars].sort((a, b) => a - b), 'it only grows');
  assert.equal(await page.evaluate(() => window.__said[0]), 'Reading the scenario…', 'there was a word before it was read');
  assert.ok(await page.locator('#work').isHidden());
  assert.equal(await title(page), 'Large');
  assert.equal(await step(page), '0');
  await page.click('#go-last');
  await page.waitForFunction(() => window.__app.state.step === 12000);
  assert.equal(await step(page), '1');
}));

test('the page answers while a scenario is loading', withPage({}, async ({ page }) => {
  await begin(page, LARGE, { held: true });
  await page.locator('#work-stop').waitFor();
  await page.click('#go-next');
  await page.waitForFunction(() => document.getElementById('goto').value === '1');
  assert.equal(await page.evaluate(() => window.__end), undefined, 'it is loading still');
  await release(page);
  assert.equal(await ended(page), 'loaded');
}));

test('stop opens the scenario at the last op that has run, and one can go on from there', withPage({ query: '?lang=zh#lang=zh' }, async ({ page }) => {
  await begin(page, LARGE, { held: true });
  await page.locator('#work-stop').waitFor();
  assert.match(await page.locator('#work-text').innerText(), /打开之前先运行一遍/);
  assert.equal(await page.locator('#work-stop').innerText(), '停止');
  await page.click('#work-stop');
  assert.equal(await ended(page), 'loaded');
  await release(page);
  assert.equal(await title(page), '很大');
  const at = await opsDone(page);
  assert.ok(at > 0 && at < 12000, `it stands at ${at}`);
  assert.equal(await step(page), `1.${at}`);
  assert.equal(await page.evaluate(() => window.__app.state.event), 0, 'no op is half done');
  await page.click('#go-last');
  await page.waitForFunction(() => window.__app.state.step === 12000, undefined, { timeout: 120_000 });
}));

test('a scenario that asks for too much is refused with its place, and what was loaded stays', withPage({ query: '#s=05-pcp&step=3' }, async ({ page }) => {
  await page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
  const before = await title(page);
  for (const [name, path, line] of [['map-pages', 'steps[1]', 7], ['slob-first-fit', 'steps[0]', 6]]) {
    await begin(page, tooMuch(name));
    const error = await ended(page);
    assert.equal(error.path, path);
    assert.equal(error.line, line);
    assert.match(error.message.en, /^op \d+\.\d+, .*may not run: /);
    assert.match(error.message.zh, /^操作 \d+\.\d+ .*不能执行：/);
    assert.equal(await title(page), before);
    assert.equal(await step(page), '2.2');
  }
}));

test('who stops before the op that may not run is told when going on', withPage({}, async ({ page }) => {
  await begin(page, tooMuch('slob-first-fit'), { held: true });
  await page.locator('#work-stop').waitFor();
  await page.click('#work-stop');
  assert.equal(await ended(page), 'loaded');
  await release(page);
  await page.click('#go-last');
  await page.waitForFunction(() => document.getElementById('notice-text').innerText.includes('may not run'), undefined, { timeout: 120_000 });
  assert.match(await page.locator('#notice-text').innerText(), /It goes no further: Line 6, column \d+: steps\[0\]: op 1\.16362, kmalloc/);
  assert.equal(await opsDone(page), 16361);
  await page.click('#lang-zh');
  assert.match(await page.locator('#notice-text').innerText(), /^不能再往前：第 6 行第 \d+ 列：steps\[0\]：操作 1\.16362 kmalloc\(.*\) 不能执行：连同前面的操作，它会超过 134,217,728 个单位/);
}));

const reload = async (page) => {
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
};

test('what was stopped opens at the same step when the tab is loaded again', withPage({}, async ({ page }) => {
  await begin(page, tooMuch('protect-often'), { held: true });
  await page.click('#work-stop');
  assert.equal(await ended(page), 'loaded');
  await release(page);
  const [name, at] = [await title(page), await step(page)];
  assert.ok(await opsDone(page) > 0, `it stands at ${at}`);
  await page.waitForFunction((n) => new RegExp(`at=${n}&.*z=1\\.`).test(location.hash), at);
  await reload(page);
  assert.equal(await title(page), name);
  assert.equal(await step(page), at);
  assert.ok(await page.locator('#notice').isHidden());
}));

test('what the tab has kept and the engine refuses is told with its place', withPage({}, async ({ page }) => {
  await page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
  await page.evaluate(() => {
    sessionStorage.setItem('mmscope.own', '{\n"format": "mmscope/1", oops}');
    history.replaceState(null, '', '#s=own');
  });
  await reload(page);
  await page.locator('#notice').waitFor();
  assert.match(await page.locator('#notice-text').innerText(), /“My scenario” could not be opened: Line 2, column \d+: not JSON: /);
  await page.click('#lang-zh');
  assert.match(await page.locator('#notice-text').innerText(), /^无法打开场景“我的场景”：第 2 行第 \d+ 列：不是 JSON：/);
}));

test('a lesson that is chosen while a scenario is loading takes its place', withPage({}, async ({ page }) => {
  await begin(page, LARGE, { held: true });
  await page.locator('#work-stop').waitFor();
  await page.evaluate(async () => {
    await window.__app.open('05-pcp');
    window.__lesson = document.getElementById('title').innerText;
  });
  assert.equal(await page.evaluate(() => window.__lesson), 'Per-CPU pages');
  await page.waitForFunction(() => document.getElementById('work').hidden);
  await page.waitForTimeout(300);
  assert.equal(await title(page), 'Per-CPU pages');
  assert.equal(await page.evaluate(() => window.__end), 'loaded', 'nothing was refused');
  assert.ok(await page.locator('#dialog').isHidden());
}));
