// A page of another origin with ours in a frame, as whoever embeds it has one: a second server on another port.
//
//   import { openHost } from './host-page.mjs';
//   const opened = await openHost({ html: (ours) => `<p>Before</p>${frameOf(`${ours}index.html#s=02-buddy`)}<p>After</p>` });
//   const frame = await opened.loaded();          // the first frame of ours, when its page has loaded
//   await opened.page.evaluate(() => ...);        // in the host's page
//   await opened.close();
//
// What the harness watches is watched in every frame: assertHostClean() fails when the console, a request or a policy of any
// of them complains. window.__watch.frames counts animation callbacks in each.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open, startShared } from './harness.mjs';

const WAIT_MS = 30_000;

/** The folder of the built page, for a server with other headers. */
export const DIST = process.env.MMSCOPE_DIST ?? join(fileURLToPath(new URL('../..', import.meta.url)), 'build', 'web', 'dist');

/** The HTML of a frame. attributes: 'sandbox="allow-scripts"' and the like. */
export function frameOf(address, { width = 640, height = 400, attributes = '' } = {}) {
  return `<iframe src="${address.replaceAll('&', '&amp;')}" width="${width}" height="${height}" title="mmscope" ${attributes}></iframe>`;
}

const whole = (body) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A course</title>
<link rel="icon" href="data:,"></head><body>${body}</body></html>`;

/**
 * Serves pages on a port of its own. pages: path ('/', '/b.html') → text, a whole document or what stands in its body; or a
 * function (path, request) that gives { type, body, headers } or null. Resolves to { url, origin, close }.
 */
export async function startHost(pages) {
  const find = typeof pages === 'function' ? pages : (path) => (Object.hasOwn(pages, path) ? { body: pages[path] } : null);
  const server = createServer((request, response) => {
    const found = find(new URL(request.url, 'http://host').pathname, request);
    if (!found) return response.writeHead(404).end();
    const { type = 'text/html; charset=utf-8', body, headers = {} } = found;
    const isPart = typeof body === 'string' && type.startsWith('text/html') && !/^\s*<!doctype/i.test(body);
    return response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store', ...headers }).end(isPart ? whole(body) : body);
  });
  await new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', done);
  });
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    url: `${origin}/`,
    origin,
    close: () => new Promise((closed) => { server.close(closed); server.closeAllConnections(); }),
  };
}

/**
 * Opens the host's page. html(ours, host): what it shows, `ours` being the address of our page's folder; or pages(ours), as
 * startHost() takes them, with path: which to open. ours: another server of our page than the shared one. All else as in
 * open() of the harness.
 */
export async function openHost({ html, pages, path = '', ours, prepare = async () => {}, ...options }) {
  const folder = ours ?? (await startShared()).server.url;
  const host = await startHost(pages ? pages(folder) : { '/': html(folder) });
  // A small page of ours first, with an icon, which a browser asks for: our page itself would fill the browser's cache.
  const opened = await open({ ...options, query: 'examples/index.html', ready: false });
  const { page, problems } = opened;
  await prepare(page, opened);
  await page.goto(host.url + path);
  const isOurs = (frame) => frame.url().startsWith(folder);
  const frames = () => page.frames().filter((frame) => frame !== page.frames()[0] && isOurs(frame));
  const allowed = [`request outside of the page: ${host.url}`, `request outside of the page: ${folder}`];
  return {
    ...opened,
    host,
    ours: folder,
    frames,
    /** The nth frame of ours, when there is one. */
    frame: (n = 0) => until(`frame ${n} of ours`, () => frames()[n]),
    /** The nth frame of ours when its page has its first picture, and when it is whole. */
    ready: (n = 0) => framedPage(frames, n, 'ready'),
    loaded: (n = 0) => framedPage(frames, n, 'loaded'),
    /** What went wrong, but for what a host's page is: of another origin. */
    get problems() { return problems.filter((problem) => !allowed.some((begin) => problem.startsWith(begin))); },
    close: async () => {
      await opened.close();
      await host.close();
    },
  };
}

/** Fails when anything went wrong in the host's page or in a frame of ours. */
export async function assertHostClean({ page, problems }) {
  const violations = await Promise.all(page.frames().map((frame) => frame.evaluate(() => window.__watch?.violations ?? [])));
  assert.deepEqual([...problems, ...violations.flat()], [], 'the console is clean and the policy is kept');
}

/** Asks until there is something, by the clock. */
export async function until(what, ask, timeout = WAIT_MS) {
  const deadline = Date.now() + timeout;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not after ${timeout} ms`);
    await new Promise((later) => { setTimeout(later, 50); });
  }
}

async function framedPage(frames, n, mark) {
  const isSo = (frame) => frame.evaluate((name) => document.documentElement.dataset[name] === '1', mark).catch(() => false);
  return until(`frame ${n} of ours is ${mark}`, async () => {
    const frame = frames()[n];
    return frame && await isSo(frame) ? frame : null;
  });
}
