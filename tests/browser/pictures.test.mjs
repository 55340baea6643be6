// The picture of each view beside one that somebody has looked at, in both themes: tests/browser/pictures/VIEW-THEME.png.
// Graphics cards and drivers soften edges differently, so a few pixels may differ, and a pixel a little.
//
//   MMSCOPE_PICTURES=keep node --test tests/browser/pictures.test.mjs    writes them again; look at each before it is kept

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { cannot, open, waitAtRest } from './harness.mjs';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'pictures');
const KEEP = process.env.MMSCOPE_PICTURES === 'keep';
const COLOUR_DIFFERENCE = 0.1;  // of a pixel, as pixelmatch counts it
const SHARE_OF_PIXELS = 0.002;  // a label that is gone, or a row that moved, is more

// Where each view has something to show.
const PLACES = {
  map: 's=02-buddy&at=6',
  'free-lists': 's=02-buddy&at=6',
  zones: 's=07-fallback&at=4',
  pcp: 's=05-pcp&at=6',
  memblock: 's=52-memblock&at=9',
  caches: 's=18-cache-merging&at=7',
  cache: 's=12-slub-paths&at=5',
  slab: 's=26-slub-debug&at=4',
  colouring: 's=21-slab-colouring&at=4',
  compare: 's=25-three-allocators&at=3',
  vmalloc: 's=30-vmalloc&at=5',
  address: 's=41-logical-linear-physical&at=3',
  'page-tables': 's=32-one-walk&at=3',
  tlb: 's=35-tlb-reach&at=4',
  layout: 's=57-arm64-layout&at=3',
  pkmap: 's=38-kmap&at=5',
  'address-space': 's=61-vma-merge&at=5',
  'vma-tree': 's=61-vma-merge&at=5',
  fault: 's=66-fork-copy-on-write&at=9',
  processes: 's=66-fork-copy-on-write&at=9',
  'reverse-map': 's=66-fork-copy-on-write&at=9',
};

for (const theme of ['light', 'dark']) {
  test(`the picture of each view is the one that was looked at, ${theme}`, { skip: cannot('kept') }, async (context) => {
    const opened = await open({ query: '#lang=en', viewport: { width: 1280, height: 800 }, theme });
    try {
      await opened.page.evaluate(async () => { window.app = (await import(new URL('js/main.js', location.href))).app; });
      for (const [view, place] of Object.entries(PLACES)) {
        await context.test(view, () => compareView(opened, view, place, theme));
      }
    } finally {
      await opened.close();
    }
  });
}

test('each view has its pictures', async () => {
  const opened = await open();
  try {
    const views = await opened.page.evaluate(async () =>
      (await import(new URL('js/main.js', location.href))).app.hello.views.map(({ id }) => id));
    assert.deepEqual(Object.keys(PLACES).sort(), views.sort());
    const names = Object.keys(PLACES).flatMap((view) => [`${view}-dark.png`, `${view}-light.png`]);
    assert.deepEqual(readdirSync(FOLDER).sort(), names.sort());
  } finally {
    await opened.close();
  }
});

async function compareView({ page, canvas }, view, place, theme) {
  await page.evaluate((hash) => { location.hash = hash; }, `#${place}&view=${view}&lang=en`);
  await page.waitForFunction(([view, place]) => {
    const { app } = window;
    const { s, at } = Object.fromEntries(new URLSearchParams(place));
    return document.documentElement.dataset.loaded === '1' && app.scenario?.id === s && app.state.at === at && app.state.view === view;
  }, [view, place]);
  await waitAtRest(page);
  const png = await canvas.screenshot();
  const path = join(FOLDER, `${view}-${theme}.png`);
  if (KEEP) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, png);
  }
  assert.ok(existsSync(path), `no picture of ${view} was kept: ${path}`);
  compare(PNG.sync.read(readFileSync(path)), PNG.sync.read(png), `${view}-${theme}`);
}

// The picture as it came and where it differs lie in MMSCOPE_DIFFERENCES, where that names a folder.
function compare(kept, now, name) {
  assert.deepEqual([now.width, now.height], [kept.width, kept.height], 'the size of the picture');
  const marked = new PNG({ width: now.width, height: now.height });
  const differ = pixelmatch(kept.data, now.data, marked.data, now.width, now.height, { threshold: COLOUR_DIFFERENCE });
  const folder = process.env.MMSCOPE_DIFFERENCES;
  if (differ > 0 && folder) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.png`), PNG.sync.write(now));
    writeFileSync(join(folder, `${name}-marked.png`), PNG.sync.write(marked));
  }
  assert.ok(differ <= now.width * now.height * SHARE_OF_PIXELS, `${differ} of ${now.width * now.height} pixels differ`);
}
