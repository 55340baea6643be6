// Addresses and page tables as a person uses them: an address level by level, the tree of tables, another kernel's layout, and a
// number that is pasted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clickInCanvas, linkOf, pixelsOf, waitAtRest, withPage } from './harness.mjs';

const loaded = (page) => page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
const describe = (page) => page.evaluate(async () => (await import(new URL('js/main.js', location.href))).app.engine.describe().view);
const linkHas = (page, piece) => page.waitForFunction((p) => location.hash.split(/[#&]/).includes(p), piece);

for (const [language, locale] of [['en', 'en-US'], ['zh', 'zh-CN']]) {
  test(`a walk in ${language}: levels appear with the events, a table's frame is selected, the link comes back`, withPage({ query: '#s=32-one-walk&step=3&view=address', locale }, async ({ page, canvas }) => {
    await loaded(page);
    await waitAtRest(page);
    assert.equal(await page.locator('#tab-address').getAttribute('aria-selected'), 'true');
    for (let level = 1; level <= 4; ++level) {
      await page.click('#go-into');
      await waitAtRest(page);
      assert.equal((await describe(page)).steps.length, level);
    }
    await page.click('#go-into');
    await waitAtRest(page);
    const whole = await describe(page);
    assert.deepEqual(whole.parts.map(({ name, value }) => [name, value]), [['TTBR', 0], ['pgd', 0], ['pud', 0], ['pmd', 2], ['pte', 0], ['offset', 0xabc]]);
    assert.equal(whole.leaf, 4096);
    assert.ok((await pixelsOf(page, canvas)).colours > 8);

    for (let y = 110; y < 400 && !/sel=pfn/.test(await linkOf(page)); y += 9) await clickInCanvas(page, canvas, 135, y);
    await linkHas(page, `look=${whole.address.slice(2)}/1`);
    await page.reload();
    await loaded(page);
    await waitAtRest(page);
    assert.equal((await describe(page)).address, whole.address);
  }));
}

test('the address in a sentence is a link, and the inspector leads to the other views', withPage({ query: '#s=32-one-walk&step=4' }, async ({ page }) => {
  await loaded(page);
  await page.locator('#why .ref[data-place="address:400abc/1"]').click();
  await linkHas(page, 'sel=address:400abc/1');
  await page.locator('#inspect .seen button[data-view="layout"]').click();
  await waitAtRest(page);
  const layout = await describe(page);
  assert.deepEqual(layout.selected, { address: '0x400abc', region: 'user' });
  assert.equal(layout.own, true);
}));

test('the tree of tables shows the space of the step, and what it changed', withPage({ query: '#s=32-one-walk&step=3&view=page-tables' }, async ({ page }) => {
  await loaded(page);
  await waitAtRest(page);
  const tree = await describe(page);
  assert.equal(tree.space, 'p');
  assert.deepEqual(tree.levels, { pgd: 1, pud: 1, pmd: 1, pte: 1 });
  assert.deepEqual(tree.tables.map(({ level, marked }) => [level, marked]), [['pgd', [0]], ['pud', [0]], ['pmd', [2]], ['pte', [0]]]);
}));

test('another kernel is chosen by a link', withPage({ query: '#s=32-one-walk&view=layout&look=419-4k-b48-z1' }, async ({ page }) => {
  await loaded(page);
  await waitAtRest(page);
  const layout = await describe(page);
  assert.equal(layout.kernel, '4.19');
  assert.equal(layout.regions.find(({ name }) => name === 'linear map').start, '0xffff800000000000');
  await linkHas(page, 'look=419-4k-b48-z1');
}));

const answer = (page) => page.locator('#address-answer');

test('a number that is typed is taken apart, and a wrong one is told', withPage({ query: '#s=32-one-walk&step=4&panel=what' }, async ({ page }) => {
  await loaded(page);
  const input = page.locator('#address-text');
  await input.fill('ffff 8000 0800 1234');
  assert.match(await answer(page).innerText(), /VMALLOC_START = MODULES_END/);
  await page.locator('#address-text').fill('40 0abc');
  await page.click('#read-virtual');
  assert.match(await answer(page).innerText(), /pmd\[2\]/);
  await input.fill('zebra');
  assert.match(await page.locator('#address-answer [role="alert"]').innerText(), /no number in hex/);
  assert.equal(await input.getAttribute('aria-invalid'), 'true');
  await input.fill('<img src=x onerror=alert(1)>');
  assert.equal(await page.locator('#address-answer img').count(), 0);
  await page.click('#lang-zh');
  await input.fill('');
  assert.match(await answer(page).innerText(), /写一个数/);
}));

test('a logical address goes through its segment: part by part in the picture, and typed', withPage({ query: '#s=41-logical-linear-physical&step=4&view=address&panel=what' }, async ({ page }) => {
  await loaded(page);
  for (const parts of [[], ['selector'], ['selector', 'descriptor']]) {
    await page.click('#go-into');
    await waitAtRest(page);
    const { segment } = await describe(page);
    assert.deepEqual(['selector', 'descriptor', 'linear'].filter((part) => segment[part]), parts);
  }
  await page.click('#go-next');
  await waitAtRest(page);
  const whole = await describe(page);
  assert.equal(whole.segment.linear, '0x8048123');
  assert.deepEqual(whole.steps.map(({ index }) => index), [32, 72]);
  await page.locator('#address-text').fill('0x7b:0x8048123');
  assert.match(await answer(page).innerText(), /Entry 15 of the GDT[^]*pte\[72\]/);
  await page.locator('#address-text').fill('6b:0');
  assert.match(await answer(page).innerText(), /#GP/);
}));

test('the bits of an entry are set by keyboard, and a helper changes it', withPage({ query: '#s=32-one-walk&step=4&panel=what' }, async ({ page }) => {
  await loaded(page);
  const input = page.locator('#address-text');
  await input.fill('00e8000045340703');
  assert.equal(await page.locator('#read-entry').getAttribute('aria-pressed'), 'true');
  assert.match(await answer(page).innerText(), /PAGE_KERNEL/);
  await page.locator('.bit[data-bit="63"]').focus();
  for (let i = 0; i < 3; ++i) await page.keyboard.press('ArrowDown');   // 15
  for (let i = 0; i < 5; ++i) await page.keyboard.press('ArrowRight');  // 10: AF
  await page.keyboard.press('Space');
  assert.equal(await input.inputValue(), '0xe8000045340303');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.bit), '10');
  assert.equal(await page.locator('#goto').inputValue(), '4', 'arrows among bits do not step');
  await page.locator('[data-helper="pte_mkyoung"]').click();
  assert.equal(await input.inputValue(), '0xe8000045340703');
  await page.selectOption('#address-level', 'pmd');
  assert.match(await answer(page).innerText(), /table/);
}));

test('on a phone the views and the panel fit', withPage({ query: '#s=32-one-walk&step=4&panel=what', viewport: { width: 390, height: 844 }, touch: true }, async ({ page }) => {
  await loaded(page);
  await page.locator('#address-text').fill('00e8000045340703');
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth, document.getElementById('what').scrollWidth, document.getElementById('what').clientWidth]);
  assert.ok(widths[0] <= widths[1] && widths[2] <= widths[3], String(widths));
}));
