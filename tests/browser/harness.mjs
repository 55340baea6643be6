// What every browser test stands on: the built page behind a static server, at a path of its own, and a browser that
// nothing else uses: Chromium, or what MMSCOPE_BROWSER says (driver/browsers.mjs). A message on the console, an exception,
// a failed request or a violation of the page's Content-Security-Policy fails the test that caused it.
//
//   import { test } from 'node:test';
//   import { withPage } from './harness.mjs';
//   test('a claim', withPage({ query: '?s=first-steps' }, async ({ page, canvas }) => { ... }));

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer } from '../../tools/serve.mjs';
import { cannot, launch } from './driver/browsers.mjs';

export { cannot };

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const DIST = process.env.MMSCOPE_DIST ?? join(ROOT, 'build', 'web', 'dist');
const BASE = '/a/b/mmscope/'; // a page that assumes the top of a host does not pass

// What is asked for when there is time, and given up when the page is left before: the icon, the words that are explained.
const IN_TIME = /\/(icon\.svg|find\/(?:glossary\.\w+|summaries)\.json|lazy\/glossary\.js)$/;
// Browsers look for it where a host page names no icon.
const isIconOfHost = (url) => /^http:\/\/[^/]+\/favicon\.ico$/.test(url);
const ABORTED = /^(net::ERR_ABORTED|NS_BINDING_ABORTED)$/;

// ---- One server and one browser for the tests of a file ---------------------------------------------------------------

let shared = null;

async function start() {
  if (!existsSync(join(DIST, 'index.html'))) throw new Error(`${DIST} has no index.html; ./dev build makes it`);
  const server = await startServer(DIST, { base: BASE });
  const browser = await launch();
  return { server, browser };
}

export function startShared() {
  shared ??= start();
  return shared;
}

export async function stopShared() {
  if (!shared) return;
  const { server, browser } = await shared;
  shared = null;
  await browser.close();
  await server.close();
}

after(stopShared);

// ---- A page ----------------------------------------------------------------------------------------------------------

// Opens the page in a context of its own.
//   query       '?lang=zh#...', appended to the page's address
//   viewport    { width, height } in CSS pixels
//   density     device pixels in a CSS pixel
//   theme       'light' or 'dark', as the system would say
//   locale      'en-US', 'zh-CN'
//   motion      'reduce' or 'no-preference'
//   forcedColors  the system's few colours in the place of the page's
//   touch       a touch screen
//   mobile      a telephone: the layout grows with what does not fit, and is shown smaller
//   ready       false: do not wait for the first frame
//   prepare     async (page) => {...}, before the page is opened
export async function open({
  query = '',
  viewport = { width: 1280, height: 800 },
  density = 1,
  theme = 'light',
  locale = 'en-US',
  motion = 'reduce',
  forcedColors = false,
  touch = false,
  mobile = false,
  ready = true,
  prepare = async () => {},
} = {}) {
  const { server, browser } = await startShared();
  const context = await browser.newContext({ viewport, density, theme, locale, motion, forcedColors, touch, mobile });
  const problems = [];
  context.addInitScript(watchInPage);
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warn', 'assert'].includes(message.type()) && !isNoiseOfTheBrowser(message)) {
      problems.push(`console ${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.stack ?? error}`));
  page.on('requestfailed', (request) => {
    if (isIconOfHost(request.url())) return;
    // It was answered "still so", which puppeteer takes for the beginning of a redirection, until the frame is gone.
    if (request.response()?.status() === 304) return;
    if (IN_TIME.test(request.url()) && ABORTED.test(request.failure()?.errorText)) return;
    problems.push(`request failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('response', (response) => {
    if (isIconOfHost(response.url())) return;
    if (response.status() >= 400) problems.push(`status ${response.status()}: ${response.url()}`);
    if (!response.url().startsWith(server.url) && !response.url().startsWith('data:')) problems.push(`request outside of the page: ${response.url()}`);
  });

  await prepare(page);
  const url = server.url + query;
  await page.goto(url, { waitUntil: 'load' });
  if (ready) await waitReady(page, problems);
  return {
    page,
    context,
    url,
    problems,
    canvas: page.locator('#canvas'),
    close: () => context.close(),
  };
}

// Runs in the page before its own scripts: counts animation callbacks and keeps violations of its policy.
function watchInPage() {
  window.__watch = { frames: 0, violations: [] };
  document.addEventListener('securitypolicyviolation', (event) => {
    window.__watch.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile ?? ''}`);
  });
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) => request((time) => {
    window.__watch.frames += 1;
    callback(time);
  });
}

// SwiftShader draws without a graphics card, and Chromium says so.
function isNoiseOfTheBrowser(message) {
  return isIconOfHost(message.location()?.url ?? '') ||
    /GPU stall due to ReadPixels|GL Driver Message|Automatic fallback to software WebGL/.test(message.text());
}

// Waits for the first frame on the canvas; what went wrong instead is in the message.
export async function waitReady(page, problems = [], timeout = 30_000) {
  try {
    await page.waitForFunction(() => document.documentElement.dataset.ready === '1', undefined, { timeout });
  } catch {
    const failed = await page.evaluate(() => document.documentElement.dataset.failed ?? '');
    throw new Error(`the page did not become ready ${failed}\n${problems.join('\n')}`);
  }
}

// Fails when anything went wrong since the page was opened.
export async function assertClean({ page, problems }) {
  const violations = await page.evaluate(() => window.__watch.violations);
  assert.deepEqual([...problems, ...violations], [], 'the console is clean and the policy is kept');
}

// A test body that gets an open page, must leave it clean, and closes it. A browser without telephones skips those.
export function withPage(options, body) {
  return async (context) => {
    if (options.mobile && cannot('mobile')) {
      context.skip(cannot('mobile'));
      return;
    }
    const opened = await open(options);
    try {
      await body(opened, context);
      await assertClean(opened);
    } finally {
      await opened.close();
    }
  };
}

// Pastes a text at what has the focus. Firefox does not take the data of a paste that a script makes.
export const pasteText = (page, text) => page.evaluate((given) => {
  const transfer = new DataTransfer();
  transfer.setData('text/plain', given);
  const event = new ClipboardEvent('paste', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'clipboardData', { value: transfer });
  document.activeElement.dispatchEvent(event);
}, text);

// ---- Looking at it ---------------------------------------------------------------------------------------------------

// The link to what is shown, which the page writes into its address a moment later.
export const linkOf = (page) => page.evaluate(async () => {
  (await import(new URL('js/main.js', location.href))).app.flushLink();
  return location.hash;
});

// Opens a view as a person does: its place, then its tab; the one list of all views where there is no room for more.
export async function openView(page, view) {
  const choose = page.locator('#view');
  if (await choose.isVisible()) {
    await choose.selectOption(view);
    return;
  }
  const place = await page.evaluate(async (id) =>
    (await import(new URL('js/main.js', location.href))).app.hello.views.find((row) => row.id === id).place, view);
  if (await page.locator(`#place-${place}`).isVisible()) await page.click(`#place-${place}`);
  else await page.selectOption('#place', place);
  await page.click(`#tab-${view}`);
}

// Animation callbacks that ran while `milliseconds` went by.
export async function framesDuring(page, milliseconds) {
  const before = await page.evaluate(() => window.__watch.frames);
  await page.waitForTimeout(milliseconds);
  return (await page.evaluate(() => window.__watch.frames)) - before;
}

// Waits until no animation callback has run for a while.
export async function waitAtRest(page, quiet = 300, timeout = 10_000) {
  const deadline = Date.now() + timeout;
  while (Date.now() < deadline) {
    if ((await framesDuring(page, quiet)) === 0) return;
  }
  throw new Error(`the page still asks for frames after ${timeout} ms`);
}

// The pixels of an element as the person sees them: { width, height, at(x, y) -> [r, g, b, a], colours }. Coordinates
// are device pixels; colours counts the different ones.
export async function pixelsOf(page, locator) {
  const png = await locator.screenshot();
  const { width, height, data } = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const surface = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = surface.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const image = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let text = '';
    for (let i = 0; i < image.data.length; i += 0x8000) {
      text += String.fromCharCode(...image.data.subarray(i, i + 0x8000));
    }
    return { width: bitmap.width, height: bitmap.height, data: btoa(text) };
  }, png.toString('base64'));
  const pixels = Buffer.from(data, 'base64');
  const colours = new Set();
  for (let i = 0; i < pixels.length; i += 4) colours.add(pixels.readUInt32LE(i));
  return {
    width,
    height,
    colours: colours.size,
    at: (x, y) => [...pixels.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)],
  };
}

// Letters are drawn from a texture whose arrangement depends on what was drawn before: that moves a colour by a hair.
const HAIR = 3;
export function assertSamePicture(a, b) {
  assert.deepEqual([a.width, a.height], [b.width, b.height]);
  let different = 0;
  for (let y = 0; y < a.height; ++y) {
    for (let x = 0; x < a.width; ++x) {
      const other = b.at(x, y);
      if (a.at(x, y).some((value, i) => Math.abs(value - other[i]) > HAIR)) ++different;
    }
  }
  assert.equal(different, 0, `${different} of ${a.width * a.height} pixels differ`);
}

// Frames that the canvas draws after each input: one for the input, two in which Dear ImGui settles (SETTLE_FRAMES in
// shell/main.cpp). Afterwards the page has been told what the input did.
const FRAMES_OF_INPUT = 3;

// Does something that the canvas answers, and waits until it has.
export async function answered(page, act) {
  const before = await page.evaluate(() => window.__watch.frames);
  await act();
  await page.waitForFunction((count) => window.__watch.frames >= count, before + FRAMES_OF_INPUT, { polling: 10 });
}

// Dear ImGui sees one state of the mouse a frame, so a press and its release have frames between them.
export async function clickInCanvas(page, canvas, x, y) {
  const box = await canvas.boundingBox();
  await page.mouse.move(box.x + x, box.y + y);
  await answered(page, () => page.mouse.down());
  await answered(page, () => page.mouse.up());
}

// A key for the canvas, which has the focus.
export async function pressInCanvas(page, key) {
  await answered(page, () => page.keyboard.down(key));
  await answered(page, () => page.keyboard.up(key));
}
