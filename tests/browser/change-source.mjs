// A person changes the text of the lesson that is open, in the field of the source, and opens what came of it.

import assert from 'node:assert/strict';

export async function changeSource(page, from, to) {
  await page.click('#tab-source');
  await page.click('#change-source');
  const text = await page.locator('#paste-text').inputValue();
  assert.ok(text.includes(from));
  await page.fill('#paste-text', text.replace(from, to));
  await page.click('#paste-load');
  await page.waitForFunction(() => /[#&]z=1\./.test(location.hash));
}
