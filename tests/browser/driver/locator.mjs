// Finding an element of a page and doing something with it. A locator is no element but the way to it, gone anew each time:
// `page.locator('.rows', { hasText: 'DMA' }).locator('button').first()`. What is done to an element waits until it can be
// done, and where a locator leads to several elements, one has to be chosen.

import { readFileSync } from 'node:fs';

const PATIENCE = 30_000;  // milliseconds
const PAUSE = 50;
const IN_PAGE = readFileSync(new URL('in-page.mjs', import.meta.url), 'utf8').replace(/^export /gm, '');

export const later = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// A program for the page: a function of in-page.mjs, called.
export const call = (name, ...args) => `(() => {${IN_PAGE}
return ${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')}); })()`;

// A page that is left takes what was asked of it along.
const LEFT = /context was destroyed|context with specified id|Cannot find context|detached|no such frame|DiscardedBrowsingContext|AbortError.*destroyed/i;

// Tries until attempt() tells a { value }; what it tells to { wait } for is in the error.
export async function until(what, attempt, { timeout = PATIENCE, polling = PAUSE } = {}) {
  const deadline = Date.now() + timeout;
  for (let why = '';;) {
    try {
      const reply = await attempt();
      if ('value' in reply) return reply.value;
      why = reply.wait;
    } catch (error) {
      if (!LEFT.test(error.message)) throw Object.assign(error, { message: `${what}: ${error.message}` });
      why = 'the page is being left';
    }
    if (Date.now() >= deadline) throw new Error(`${what}: after ${timeout} ms ${why}`);
    await later(polling);
  }
}

// What a locator looks for: a selector of CSS and, of what that finds, what has a text or is visible.
function stepOf(css, { hasText, visible } = {}) {
  const text = hasText instanceof RegExp ? { pattern: hasText.source, flags: hasText.flags } : { words: hasText };
  return { css, ...(hasText === undefined ? {} : { text }), ...(visible ? { visible } : {}) };
}

const nameOf = (steps) => steps.map(({ css, text, visible, nth }) => [
  css ?? '',
  text ? ` with ${text.pattern ? `/${text.pattern}/` : `“${text.words}”`}` : '',
  visible ? ' in sight' : '',
  nth === undefined ? '' : ` [${nth}]`,
].join('')).join(' ');

export class Locator {
  #frame;
  #steps;

  constructor(frame, css, options, before = []) {
    this.#frame = frame;
    this.#steps = [...before, ...(css === undefined ? [options] : [stepOf(css, options)])];
  }

  toString() { return nameOf(this.#steps); }

  // ---- other locators ----------------------------------------------------------------------------------------------

  locator(css, options) { return new Locator(this.#frame, css, options, this.#steps); }
  filter(options) { return new Locator(this.#frame, undefined, stepOf(undefined, options), this.#steps); }
  nth(nth) { return new Locator(this.#frame, undefined, { nth }, this.#steps); }
  first() { return this.nth(0); }
  last() { return this.nth(-1); }
  async all() { return Array.from({ length: await this.count() }, (_, i) => this.nth(i)); }

  // ---- doing -------------------------------------------------------------------------------------------------------

  async click(options = {}) {
    const { x, y } = await this.#point('click', true, options);
    await this.#frame.page.mouse.click(x, y, options);
  }

  async tap(options) {
    const { x, y } = await this.#point('tap', true, options);
    await this.#frame.page.touchscreen.tap(x, y);
  }

  async hover(options) {
    const { x, y } = await this.#point('hover', false, options);
    await this.#frame.page.mouse.move(x, y);
  }

  async fill(text, options) { await this.#done('fill', options, String(text)); }
  async focus(options) { await this.#done('focus', options); }
  async selectOption(wanted, options) { await this.#done('choose', options, [wanted].flat()); }

  async press(key, options) {
    await this.focus(options);
    await this.#frame.page.keyboard.press(key);
  }

  // Files { name, mimeType, buffer } for an <input type="file">.
  async setInputFiles(files, options) {
    await this.#done('giveFiles', options, [files].flat().map(({ name, mimeType, buffer }) =>
      ({ name, type: mimeType ?? '', base64: buffer.toString('base64') })));
  }

  async scrollIntoViewIfNeeded(options) { await this.#point('scroll to', false, options); }

  // ---- looking -----------------------------------------------------------------------------------------------------

  // state: 'attached', 'detached', 'visible', 'hidden'
  async waitFor({ state = 'visible', ...options } = {}) {
    await until(`wait for ${this} to be ${state}`, async () => ((await this.#is(state)) ? { value: true } : { wait: 'it is not' }), options);
  }

  isVisible() { return this.#is('visible'); }
  isHidden() { return this.#is('hidden'); }
  isEnabled(options) { return this.#told('enabled', options); }
  async isDisabled(options) { return !(await this.#told('enabled', options)); }
  isChecked(options) { return this.#told('checked', options); }

  innerText(options) { return this.evaluate((element) => element.innerText, undefined, options); }
  textContent(options) { return this.evaluate((element) => element.textContent, undefined, options); }
  inputValue(options) { return this.evaluate((element) => element.value, undefined, options); }
  getAttribute(name, options) { return this.evaluate((element, n) => element.getAttribute(n), name, options); }

  count() { return this.evaluateAll((all) => all.length); }
  allInnerTexts() { return this.evaluateAll((all) => all.map((element) => element.innerText)); }
  allTextContents() { return this.evaluateAll((all) => all.map((element) => element.textContent)); }

  // Is there an element with this role and name inside, as a screen reader has them? Firefox looks for long in a large part.
  hasNamed(role, name, options) {
    return this.#withElement(`${role} “${name}” in ${this}`, async (element) => (await element.$(`aria/${name}[role="${role}"]`)) !== null, options);
  }

  // Calls a function with the element, as soon as there is one.
  evaluate(use, argument, options) { return this.#withElement(`evaluate at ${this}`, (element) => element.evaluate(use, argument), options); }

  // Calls a function with an array of all elements that there are.
  async evaluateAll(use, argument) {
    const all = await this.#frame.raw.evaluateHandle(call('find', this.#steps));
    try {
      return await all.evaluate(use, argument);
    } finally {
      await all.dispose();
    }
  }

  // From the upper left corner of the window; null where there is nothing to be seen of the element.
  async boundingBox(options) {
    const box = await until(`the box of ${this}`, async () => {
      const reply = await this.#frame.raw.evaluate(call('boxOf', this.#steps));
      return reply.wait ? reply : { value: reply.box };
    }, options);
    if (!box) return null;
    const { x, y } = await this.#frame.corner();
    return { ...box, x: box.x + x, y: box.y + y };
  }

  // A picture as PNG.
  screenshot({ path, ...options } = {}) {
    return this.#withElement(`a picture of ${this}`, async (element) => Buffer.from(await element.screenshot({ path, captureBeyondViewport: false })), options);
  }

  // ------------------------------------------------------------------------------------------------------------------

  #is(state) { return this.#frame.raw.evaluate(call('is', this.#steps, state)); }

  #told(state, options) {
    return until(`is ${this} ${state}`, async () => {
      const value = await this.#is(state);
      return value === null ? { wait: 'it is not there' } : { value };
    }, options);
  }

  #done(name, options, ...args) {
    return until(`${name} ${this}`, async () => {
      const reply = await this.#frame.raw.evaluate(call(name, this.#steps, ...args));
      return reply.wait ? reply : { value: undefined };
    }, options);
  }

  #point(does, mustBeEnabled, options) {
    return until(`${does} ${this}`, async () => {
      const reply = await this.#frame.raw.evaluate(call('pressable', this.#steps, mustBeEnabled));
      if (reply.wait) return reply;
      const { x, y } = await this.#frame.corner();
      return { value: { x: reply.x + x, y: reply.y + y } };
    }, options);
  }

  #withElement(what, use, options) {
    return until(what, async () => {
      const handle = await this.#frame.raw.evaluateHandle(call('one', this.#steps));
      try {
        const element = handle.asElement();
        return element ? { value: await use(element) } : { wait: 'it is not there' };
      } finally {
        await handle.dispose().catch(() => {});
      }
    }, options);
  }
}
