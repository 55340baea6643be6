// Starting a browser, and pages in it that look as a test wants. MMSCOPE_BROWSER chooses chromium or firefox, as the
// distribution has them. Chromium runs without a screen. Firefox has WebGL2 only on one: it gets a screen of its own, from
// Xvfb, so that no other window takes the focus.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { Page } from './page.mjs';

export const NAME = process.env.MMSCOPE_BROWSER || 'chromium';

const BROWSERS = {
  chromium: {
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    launch: launchChromium,
    dress: dressChromium,
    cannot: {},
  },
  firefox: {
    programs: ['firefox-esr', 'firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
    launch: launchFirefox,
    dress: dressFirefox,
    cannot: {
      mobile: 'Firefox on a desktop does not lay pages out as a telephone does',
      kept: 'the pictures that were looked at were drawn by Chromium, letters and edges a little otherwise',
      devtools: 'Firefox does not speak Chromium’s protocol',
    },
  },
};
const own = BROWSERS[NAME];
if (!own) throw new Error(`MMSCOPE_BROWSER is ${NAME}; there are ${Object.keys(BROWSERS).join(' and ')}`);

// Why this browser cannot do something: 'mobile', 'kept', 'devtools'; false if it can. For the `skip` of a test.
export const cannot = (what) => own.cannot[what] ?? false;

function programOf(names) {
  for (const name of names) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // The next name.
    }
  }
  throw new Error(`not found: ${names.join(', ')}`);
}

// { newContext(options), close() }
export async function launch() {
  const downloads = mkdtempSync(join(tmpdir(), 'mmscope-downloads-'));
  try {
    const { browser, end = () => {} } = await own.launch(programOf(own.programs), downloads);
    return {
      newContext: (options) => Context.open(browser, options, downloads),
      async close() {
        await browser.close();
        end();
        rmSync(downloads, { recursive: true });
      },
    };
  } catch (error) {
    rmSync(downloads, { recursive: true });
    throw error;
  }
}

// ---- Chromium --------------------------------------------------------------------------------------------------------

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
];

async function launchChromium(executablePath) {
  return { browser: await puppeteer.launch({ browser: 'chrome', executablePath, headless: true, args: CHROMIUM_FLAGS, defaultViewport: null }) };
}

async function dressChromium(page, { theme, motion, forcedColors, locale }) {
  const session = await page.createCDPSession();
  const userAgent = await page.browser().userAgent();
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: true });
  await session.send('Emulation.setUserAgentOverride', { userAgent, acceptLanguage: locale });
  await session.send('Emulation.setLocaleOverride', { locale });
  await session.send('Emulation.setEmulatedMedia', { features: [
    { name: 'prefers-color-scheme', value: theme },
    { name: 'prefers-reduced-motion', value: motion },
    { name: 'forced-colors', value: forcedColors ? 'active' : 'none' },
  ] });
}

// ---- Firefox ---------------------------------------------------------------------------------------------------------

async function launchFirefox(executablePath, downloads) {
  const screen = process.platform === 'linux' ? await startScreen() : null;
  try {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      headless: false,
      defaultViewport: null,
      args: ['--remote-allow-system-access'],  // for setPreferences
      env: { ...process.env, LIBGL_ALWAYS_SOFTWARE: '1', ...(screen ? { DISPLAY: screen.display } : {}) },
      extraPrefsFirefox: {
        'webgl.force-enabled': true,
        'dom.w3c_touch_events.enabled': 1,
        'browser.download.folderList': 2,
        'browser.download.dir': downloads,
      },
    });
    return { browser, end: () => screen?.end() };
  } catch (error) {
    screen?.end();
    throw error;
  }
}

// What a system says of itself is one for all pages of a Firefox.
async function dressFirefox(page, { theme, motion, forcedColors, locale, touch }) {
  const pointer = touch ? 1 : 6;  // a finger; a mouse, which can hover
  await setPreferences(page.browser(), {
    'layout.css.prefers-color-scheme.content-override': theme === 'dark' ? 0 : 1,
    'ui.prefersReducedMotion': motion === 'reduce' ? 1 : 0,
    'browser.display.document_color_use': forcedColors ? 2 : 1,
    'ui.primaryPointerCapabilities': pointer,
    'ui.allPointerCapabilities': pointer,
  });
  await page.browser().connection.send('emulation.setLocaleOverride', { locale, userContexts: [page.browserContext().id] });
}

// Numbers among the preferences of a Firefox that runs.
async function setPreferences(browser, preferences) {
  const { result: tree } = await browser.connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
  const { result } = await browser.connection.send('script.evaluate', {
    expression: `for (const [name, value] of ${JSON.stringify(Object.entries(preferences))}) Services.prefs.setIntPref(name, value)`,
    target: { context: tree.contexts[0].context },
    awaitPromise: false,
  });
  if (result.type !== 'success') throw new Error(`Firefox takes no preferences: ${result.exceptionDetails.text}`);
}

// A screen without a monitor, on a display that nobody else has. Its pointer rests in its middle, so it is large enough for
// that to be beside the window: a page has no mouse over it before a test moves one.
async function startScreen() {
  const arguments_ = ['-displayfd', '3', '-screen', '0', '3840x2400x24', '-nolisten', 'tcp'];
  const server = spawn('Xvfb', arguments_, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const number = await new Promise((done, failed) => {
    server.once('error', () => failed(new Error('Firefox needs Xvfb (Debian: apt-get install xvfb)')));
    server.once('exit', (code) => failed(new Error(`Xvfb ended with ${code}`)));
    server.stdio[3].once('data', (data) => done(String(data).trim()));
  });
  const end = () => server.kill();
  process.once('exit', end);
  return { display: `:${number}`, end };
}

// ---- Pages that know nothing of each other ---------------------------------------------------------------------------

class Context {
  #context;
  #options;
  #programs = [];

  // options: viewport, density, theme, motion, forcedColors, locale, touch, mobile, as of harness.mjs' open()
  static async open(browser, options, downloads) {
    const context = new Context();
    context.#context = await browser.createBrowserContext({ downloadBehavior: { policy: 'allow', downloadPath: downloads } });
    context.#options = options;
    context.downloads = downloads;
    return context;
  }

  // Runs in each document of pages to come, before its own scripts.
  addInitScript(program) { this.#programs.push(program); }

  async newPage() {
    const { viewport, density, touch, mobile } = this.#options;
    const page = await this.#context.newPage();
    await page.setViewport({ ...viewport, deviceScaleFactor: density, hasTouch: touch, isMobile: mobile });
    await own.dress(page, this.#options);
    for (const program of this.#programs) await page.evaluateOnNewDocument(program);
    return new Page(this, page);
  }

  // The page that act() opens.
  async opened(act) {
    const before = await this.#context.pages();
    const target = this.#context.waitForTarget(async (one) => one.type() === 'page' && !before.includes(await one.page()));
    await act();
    return new Page(this, await (await target).page());
  }

  close() { return this.#context.close(); }
}
