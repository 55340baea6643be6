// A page, and the frames in it, as the tests speak of them; a layer over puppeteer's.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { corner } from './in-page.mjs';
import { call, later, Locator, until } from './locator.mjs';
import { matches, Routes } from './routes.mjs';

export class Frame {
  constructor(page, raw) {
    this.page = page ?? this;
    this.raw = raw;  // puppeteer's frame
  }

  locator(css, options) { return new Locator(this, css, options); }

  click(css, options) { return this.locator(css).click(options); }
  tap(css, options) { return this.locator(css).tap(options); }
  hover(css, options) { return this.locator(css).hover(options); }
  focus(css, options) { return this.locator(css).focus(options); }
  fill(css, text, options) { return this.locator(css).fill(text, options); }
  press(css, key, options) { return this.locator(css).press(key, options); }
  selectOption(css, wanted, options) { return this.locator(css).selectOption(wanted, options); }
  setInputFiles(css, files, options) { return this.locator(css).setInputFiles(files, options); }
  textContent(css, options) { return this.locator(css).textContent(options); }
  innerText(css, options) { return this.locator(css).innerText(options); }
  isVisible(css) { return this.locator(css).isVisible(); }

  // Tells plain data: an element that a program returns is an object in Chromium and nothing in Firefox.
  evaluate(program, argument) { return this.raw.evaluate(program, argument); }

  // Asks by the clock, not in each frame: a busy machine may draw none for long. Whether it is so the page itself finds: an
  // element or a file would not come here from every browser.
  async waitForFunction(condition, argument, options) {
    const asked = `(async () => Boolean(await (${condition})(${JSON.stringify(argument)})))()`;
    await until(`wait for ${condition}`, async () => ((await this.raw.evaluate(asked)) ? { value: true } : { wait: 'it is not so' }), options);
  }

  url() { return this.raw.url(); }

  // Where the frame begins in the window.
  async corner() {
    const parent = this.raw.parentFrame();
    if (!parent) return { x: 0, y: 0 };
    const handles = await parent.evaluateHandle(call('iframes'));
    try {
      for (const handle of (await handles.getProperties()).values()) {
        if ((await handle.asElement().contentFrame()) !== this.raw) continue;
        const here = await handle.evaluate(corner);
        const outside = await this.page.frameOf(parent).corner();
        return { x: outside.x + here.x, y: outside.y + here.y };
      }
    } finally {
      await handles.dispose();
    }
    throw new Error(`the frame of ${this.url()} is in no <iframe>`);
  }
}

export class Page extends Frame {
  #page;
  #context;
  #frames = new WeakMap();
  #routes;

  constructor(context, page) {
    super(null, page.mainFrame());
    this.#page = page;
    this.#context = context;
    this.#routes = new Routes(page);
    this.#frames.set(this.raw, this);
    this.keyboard = new Keyboard(page.keyboard);
    this.mouse = new Mouse(page.mouse);
    this.touchscreen = page.touchscreen;  // tap(x, y); touchStart(x, y) tells a finger with move(x, y) and end()
  }

  context() { return this.#context; }
  mainFrame() { return this; }
  frames() { return this.#page.frames().map((raw) => this.frameOf(raw)); }

  frameOf(raw) {
    if (!this.#frames.has(raw)) this.#frames.set(raw, new Frame(this, raw));
    return this.#frames.get(raw);
  }

  // Events as puppeteer names them: console, pageerror, request, requestfailed, response.
  on(event, listener) { this.#page.on(event, listener); }
  off(event, listener) { this.#page.off(event, listener); }

  goto(url, options) { return this.#page.goto(url, options); }
  reload(options) { return this.#page.reload(options); }
  goBack(options) { return this.#page.goBack(options); }
  goForward(options) { return this.#page.goForward(options); }
  title() { return this.#page.title(); }
  bringToFront() { return this.#page.bringToFront(); }
  close() { return this.#page.close(); }

  waitForTimeout(milliseconds) { return later(milliseconds); }
  waitForNetworkIdle(options) { return this.#page.waitForNetworkIdle(options); }

  // The next answer to a request like this, when all of it has come.
  async waitForResponse(pattern) {
    let response = null;
    const take = (request) => { if (matches(pattern, request.url())) response ??= request.response(); };
    this.#page.on('requestfinished', take);
    try {
      return await until(`wait for the response of ${pattern}`, async () => (response ? { value: response } : { wait: 'it has not come' }));
    } finally {
      this.#page.off('requestfinished', take);
    }
  }

  // Runs in each document that is loaded from now on, before its own scripts.
  addInitScript(program, argument) { return this.#page.evaluateOnNewDocument(program, argument); }

  route(pattern, answer) { return this.#routes.add(pattern, answer); }
  unroute(pattern) { return this.#routes.remove(pattern); }

  setViewportSize(viewport) { return this.#page.setViewport({ ...this.#page.viewport(), ...viewport }); }

  async screenshot({ path } = {}) { return Buffer.from(await this.#page.screenshot({ path, captureBeyondViewport: false })); }

  // The file that act() makes the page save: { name, bytes }.
  async download(act) {
    const folder = this.#context.downloads;
    const before = new Set(readdirSync(folder));
    await act();
    return until('a file that is saved', async () => {
      const names = readdirSync(folder).filter((name) => !before.has(name));
      if (names.length === 0 || names.some((name) => /\.(part|crdownload)$/.test(name))) return { wait: 'it is not there' };
      const path = join(folder, names[0]);
      return statSync(path).size > 0 ? { value: { name: names[0], bytes: readFileSync(path) } } : { wait: 'it is empty' };
    });
  }

  // Chromium's own protocol.
  devtools() { return this.#page.createCDPSession(); }
}

// Keys by their name or what they write, with others held: 'Enter', '?', 'Shift+ArrowRight'.
class Keyboard {
  #keyboard;

  constructor(keyboard) { this.#keyboard = keyboard; }

  down(key) { return this.#keyboard.down(nameOfKey(key)); }
  up(key) { return this.#keyboard.up(nameOfKey(key)); }
  type(text) { return this.#keyboard.type(text); }

  async press(keys) {
    const held = keys.length > 1 ? keys.split('+') : [keys];
    const key = held.pop();
    for (const one of held) await this.down(one);
    await this.#keyboard.press(nameOfKey(key));
    for (const one of held.reverse()) await this.up(one);
  }
}

const nameOfKey = (key) => ({ Space: ' ' }[key] ?? key);

class Mouse {
  #mouse;

  constructor(mouse) { this.#mouse = mouse; }

  move(x, y, options) { return this.#mouse.move(x, y, options); }
  down(options) { return this.#mouse.down(options); }
  up(options) { return this.#mouse.up(options); }
  wheel(deltaX, deltaY) { return this.#mouse.wheel({ deltaX, deltaY }); }
  click(x, y, { button, clickCount } = {}) { return this.#mouse.click(x, y, { button, count: clickCount }); }
}
