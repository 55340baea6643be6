// Hands on the picture: keys and fingers reach the map, and nothing else than what they are for.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framesDuring, linkOf, waitAtRest, withPage } from './harness.mjs';

const MAP = '#s=02-buddy&step=1&view=map';
const PHONE = { viewport: { width: 390, height: 844 }, touch: true };

const step = (page) => page.locator('#goto').inputValue();
const scale = (page) => page.evaluate(async () => {
  const { app } = await import(new URL('js/main.js', location.href));
  return app.engine.describe().view.pixelsPerFrame;
});

const onMap = (options, body) => withPage({ query: MAP, ...options }, async (opened) => {
  await opened.page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
  await waitAtRest(opened.page);
  await body(opened);
});

async function press(page, ...keys) {
  for (const key of keys) {
    await page.keyboard.press(key);
    await waitAtRest(page, 120);
  }
}

// ---- keys -----------------------------------------------------------------------------------------------------------

test('Enter gives the arrow keys to the map, Escape gives them back to the steps', onMap({}, async ({ page, canvas }) => {
  await canvas.focus();
  await press(page, 'ArrowRight');
  assert.equal(await step(page), '2', 'before Enter an arrow steps');
  await press(page, 'Enter', 'Equal', 'Equal');
  const before = await linkOf(page);
  await press(page, 'ArrowRight');
  assert.notEqual(await linkOf(page), before, 'an arrow moves the map');
  assert.equal(await step(page), '2', 'and does not step');
  await press(page, 'Escape', 'ArrowRight');
  assert.equal(await step(page), '3', 'after Escape an arrow steps');
}));

test('each arrow takes the map its way and back', onMap({}, async ({ page, canvas }) => {
  await canvas.focus();
  await press(page, 'Enter', 'Equal', 'Equal', 'Equal', 'Equal');
  const start = await linkOf(page);
  for (const [there, back] of [['ArrowRight', 'ArrowLeft'], ['ArrowDown', 'ArrowUp']]) {
    await press(page, there);
    assert.notEqual(await linkOf(page), start, there);
    await press(page, back);
    assert.equal(await linkOf(page), start, back);
  }
}));

test('+ and − zoom as soon as the map has the focus, with Ctrl they are the browser’s', onMap({}, async ({ page, canvas }) => {
  await canvas.focus();
  const before = await scale(page);
  await press(page, 'Equal');
  const nearer = await scale(page);
  assert.ok(nearer > before * 1.3, `${before} → ${nearer}`);
  await press(page, 'Control+Equal');
  assert.equal(await scale(page), nearer);
  await press(page, 'Minus');
  assert.ok(Math.abs((await scale(page)) / before - 1) < 0.01);
}));

test('the map gives the arrow keys back when the focus leaves it', onMap({}, async ({ page, canvas }) => {
  await canvas.focus();
  await press(page, 'Enter', 'Tab');
  await canvas.focus();
  await press(page, 'ArrowRight');
  assert.equal(await step(page), '2');
}));

test('with the arrow keys in the map it still rests', onMap({}, async ({ page, canvas }) => {
  await canvas.focus();
  await press(page, 'Enter', 'ArrowRight');
  assert.equal(await framesDuring(page, 700), 0);
}));

// ---- fingers --------------------------------------------------------------------------------------------------------

// hand.to([[x, y], ...]): where the fingers are, from the upper left corner of the canvas. More of them than before
// touch, an empty list lifts all.
async function handOn(page, canvas) {
  const box = await canvas.boundingBox();
  const fingers = [];
  return {
    width: box.width,
    height: box.height,
    async to(points) {
      while (fingers.length > points.length) await fingers.pop().end();
      for (const [i, [x, y]] of points.entries()) {
        if (i < fingers.length) await fingers[i].move(box.x + x, box.y + y);
        else fingers.push(await page.touchscreen.touchStart(box.x + x, box.y + y));
      }
      await page.waitForTimeout(40);
    },
  };
}

// Two fingers side by side, `from` and then `to` pixels from the middle of the canvas.
async function pinch(page, hand, from, to) {
  const [x, y] = [hand.width / 2, hand.height / 2];
  await hand.to([[x - from, y]]);
  for (let i = 0; i <= 6; ++i) {
    const apart = from + ((to - from) * i) / 6;
    await hand.to([[x - apart, y], [x + apart, y]]);
  }
  await hand.to([]);
  await waitAtRest(page);
}

test('two fingers that spread zoom in and select nothing', onMap(PHONE, async ({ page, canvas }) => {
  await press(page, 'Home');
  const hand = await handOn(page, canvas);
  const before = await scale(page);
  await pinch(page, hand, 30, 120);
  const after = await scale(page);
  assert.ok(after > before * 3.5 && after < before * 4.5, `${before} → ${after}, fingers four times as far apart`);
  assert.match(await linkOf(page), /look=/);
  assert.doesNotMatch(await linkOf(page), /sel=/);
}));

test('two fingers that close zoom out', onMap(PHONE, async ({ page, canvas }) => {
  const hand = await handOn(page, canvas);
  await pinch(page, hand, 30, 150);
  const near = await scale(page);
  await pinch(page, hand, 120, 60);
  const far = await scale(page);
  assert.ok(Math.abs(near / far - 2) < 0.2, `${near} → ${far}`);
}));

test('one finger drags the map, and a tap selects', onMap(PHONE, async ({ page, canvas }) => {
  const hand = await handOn(page, canvas);
  const [x, y] = [hand.width / 2, hand.height / 2];
  await pinch(page, hand, 40, 130);
  const before = await linkOf(page);
  const zoom = await scale(page);
  await hand.to([[x, y]]);
  for (let i = 1; i <= 5; ++i) await hand.to([[x - 12 * i, y]]);
  await hand.to([]);
  await waitAtRest(page);
  assert.notEqual(await linkOf(page), before);
  assert.ok(!(await linkOf(page)).includes('sel='), 'a drag selects nothing');
  assert.ok(Math.abs((await scale(page)) / zoom - 1) < 0.01, 'a drag does not zoom');
  await hand.to([[x, y]]);
  await hand.to([]);
  await waitAtRest(page);
  assert.match(await linkOf(page), /sel=pfn:/);
}));
