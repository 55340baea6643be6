// What the page asks for until its first picture, which is the first frame that shows a machine, and what that weighs: for the
// test and for the bench.

import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { DIST, open } from './harness.mjs';

/** A file of the page: { path, raw, gzip, brotli }. */
export function sizes(path) {
  const bytes = readFileSync(join(DIST, path));
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return { path, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
}

/** The files of some visits: what one of them asked for until the picture, and what all of them did behind it. */
export function byPicture(visits) {
  const requested = [...new Set(visits.flatMap((one) => [...one.requested]))];
  const isBehind = (file) => visits.every(({ until }) => !until.includes(file));
  return { until: requested.filter((file) => !isBehind(file)), behind: requested.filter(isBehind) };
}

// Runs in the page before its own scripts: when the lesson's text, the first picture and everything was there.
function watch() {
  window.__seen = {};
  const there = {
    text: () => document.querySelector('#lesson-notes')?.textContent.length > 40,
    picture: () => document.documentElement.dataset.ready === '1',
    loaded: () => document.documentElement.dataset.loaded === '1',
  };
  new MutationObserver(() => {
    for (const [name, seen] of Object.entries(there)) if (document.documentElement && seen()) window.__seen[name] ??= performance.now();
  }).observe(document, { subtree: true, attributes: true, childList: true, attributeFilter: ['data-ready', 'data-loaded'] });
}

/** One visit in a fresh profile: { seen, requested, until }: until are the files that were asked for before the picture. */
export async function visit(locale, prepare = () => {}) {
  const urls = new Set();
  const opened = await open({
    locale, motion: 'no-preference', ready: false,
    prepare: async (page) => {
      page.on('request', (request) => urls.add(request.url()));
      await page.addInitScript(watch);
      await prepare(page);
    },
  });
  const base = new URL(opened.url).pathname;
  const fileOf = (url) => relative(base, decodeURIComponent(new URL(url).pathname)) || 'index.html';
  try {
    await opened.page.waitForFunction(() => window.__seen.loaded, undefined, { timeout: 120_000 });
    const { seen, before } = await opened.page.evaluate(() => {
      const before = performance.getEntriesByType('resource').filter((entry) => entry.startTime <= window.__seen.picture);
      return { seen: window.__seen, before: [location.href, ...before.map((entry) => entry.name)] };
    });
    return { seen, requested: new Set([...urls].map(fileOf)), until: before.map(fileOf) };
  } finally {
    await opened.close();
  }
}
