// A visitor waits for the first load: what is above its limit belongs behind the first picture (web/js/lazy/, tools/split-page.mjs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIRST_LOAD } from '../bench/limits.mjs';
import { byPicture, sizes, visit } from './first-load.mjs';

for (const { language, locale, limit } of FIRST_LOAD) {
  test(`the first load in ${language} has at most ${limit} bytes in brotli`, async () => {
    const { until, behind } = byPicture([await visit(locale)]);
    for (const file of ['index.html', 'mmscope.wasm', 'js/main.js']) assert.ok(until.includes(file), `${file} is not counted: ${until}`);
    assert.ok(behind.some((file) => file.startsWith('mmscope.rest-')), `the rest of the engine came before the picture: ${until}`);
    const files = until.map(sizes).sort((a, b) => b.brotli - a.brotli);
    const all = files.reduce((sum, { brotli }) => sum + brotli, 0);
    assert.ok(all <= limit, `${all} bytes:\n${files.map(({ path, brotli }) => `${brotli} ${path}`).join('\n')}`);
  });
}
