// Pictures of VMAs to choose from: drawn to scale with the rights in them, read out as text, answered by a key.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness.mjs';

const onPage = (options, body) => withPage({ query: '#s=61-vma-merge&at=4', ...options }, body);

for (const [theme, locale] of [['light', 'en'], ['dark', 'zh-CN']])
  test(`VMAs as pictures, ${theme}, ${locale}`, onPage({ theme, locale }, async ({ page }) => {
    // The step before its second question of pictures: 8 KiB of 32 are read-only, and half of them become writable.
    const pictures = page.locator('.question:not([hidden]) .pictures');
    await pictures.waitFor();
    const widths = await pictures.locator('svg.picture').nth(1).evaluate((svg) =>
      [...svg.querySelectorAll('rect')].map((box) => [box.getAttribute('class'), Number(box.getAttribute('width'))]));
    // 12, 4 and 16 KiB in 148 units, a line between two.
    assert.deepEqual(widths, [['vma', 54.5], ['vma', 17.5], ['vma', 73]]);
    const rights = await pictures.locator('svg.picture').nth(1).evaluate((svg) => [...svg.querySelectorAll('text')].map((t) => t.textContent));
    assert.deepEqual(rights, ['rw-p', 'r--p', 'rw-p']);
    const told = await pictures.locator('.choice').nth(1).innerText();
    assert.match(told, locale === 'en' ? /\+0x0 to \+0x3000 rw-p, \+0x3000 to \+0x4000 r--p/ : /\+0x0 到 \+0x3000 rw-p，\+0x3000 到 \+0x4000 r--p/);
    assert.equal(await pictures.locator('svg.picture').first().getAttribute('aria-hidden'), 'true', 'the text says it');
  }));
