// Texts of the page and its links, without a browser.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import atOnceEn from '../../web/i18n/en.js';
import atOnceZh from '../../web/i18n/zh.js';
import { text } from '../../web/js/i18n.js';
import { MAX_LINK, MAX_SENT, formatLink, parseLink, readPlace, readPosition } from '../../web/js/link.js';
import { lineAt, plain, unitsBefore, wholeAt } from '../../web/js/plain.js';

const WEB = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'web');
const scripts = readdirSync(join(WEB, 'js'), { recursive: true }).filter((name) => name.endsWith('.js'))
  .map((name) => readFileSync(join(WEB, 'js', name), 'utf8')).join('\n');
// What comes later has a folder of its own each.
const later = readdirSync(join(WEB, 'i18n')).filter((name) => existsSync(join(WEB, 'i18n', name, 'en.js')));
const textsOf = (language) => Promise.all(later.map(async (name) => (await import(`../../web/i18n/${name}/${language}.js`)).default));
const lazyEn = await textsOf('en');
const en = Object.assign({}, atOnceEn, ...lazyEn);
const zh = Object.assign({}, atOnceZh, ...await textsOf('zh'));
const html = readFileSync(join(WEB, 'index.html'), 'utf8');

test('both languages have the same texts', () => {
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  assert.equal([atOnceEn, ...lazyEn].reduce((sum, texts) => sum + Object.keys(texts).length, 0), Object.keys(en).length, 'each stands in one file');
});

test('a text has the same values to fill in, in both languages', () => {
  const values = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  for (const key of Object.keys(en)) assert.deepEqual(values(zh[key]), values(en[key]), key);
});

test('one thing has one name in Chinese', () => {
  for (const [key, value] of Object.entries(zh)) assert.doesNotMatch(value, /页帧|时间线|每CPU/, key);
});

test('a word goes by the number that stands in the same text', () => {
  assert.equal(text('en', 'steps.before', { n: 1 }), '1 earlier step');
  assert.equal(text('en', 'steps.before', { n: '1,000' }), '1,000 earlier steps');
  assert.equal(text('en', 'events.title', { n: 0, of: 1 }), '0 of 1 event');
  for (const pattern of Object.values(en)) {
    for (const [, name] of pattern.matchAll(/\{(\w+)\|/g)) assert.ok(pattern.includes(`{${name}}`), pattern);
  }
});

test('every text that the page asks for is there, and every text is asked for', () => {
  const asked = new Set([
    ...[...html.matchAll(/data-t(?:-label|-title|-placeholder)?="([^"]+)"/g)].map((match) => match[1]),
    ...[...scripts.matchAll(/(?<![\w.])'([\w]+(?:\.[\w]+)*)'/g)].map((match) => match[1]),
  ]);
  const families = [...scripts.matchAll(/`(\w+\.)\$\{/g)].map((match) => match[1]);
  for (const match of html.matchAll(/data-t(?:-label|-title|-placeholder)?="([^"]+)"/g)) assert.ok(match[1] in en, match[1]);
  for (const match of scripts.matchAll(/\bapp\.t\('([^']+)'/g)) assert.ok(match[1] in en, match[1]);
  for (const key of Object.keys(en)) {
    assert.ok(asked.has(key) || families.some((family) => key.startsWith(family)), `nothing asks for ${key}`);
  }
});

test('markup carries no inline style, script or handler', () => {
  assert.doesNotMatch(html, /\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|<style/);
  assert.doesNotMatch(scripts, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
});

// ---- links ----------------------------------------------------------------------------------------------------------

test('a link is read as it was written', () => {
  const parts = {
    s: '02-buddy', step: 7, event: 3, view: 'map', lang: 'zh', sel: 'list:0/Normal/3/Movable', look: '48050,500,-3200,96000', colour: 'order', layout: 'linear',
    panel: 'proc',
  };
  const hash = formatLink(parts);
  assert.equal(hash, '#s=02-buddy&step=7&event=3&view=map&lang=zh&sel=list:0/Normal/3/Movable&look=48050,500,-3200,96000&colour=order&layout=linear&panel=proc');
  assert.deepEqual(parseLink(hash), { parts, bad: [], twice: [] });
});

test('every kind of place and every look of a view goes through a link', () => {
  for (const sel of ['pfn:48050', 'zone:0/DMA32', 'pcp:0/Normal/1/3', 'cache:kmalloc-64', 'cache:dma-kmalloc-8k', 'cache:a b&c@12', 'object:40c003e8', 'address:ffff800008000000', 'address:400000/1']) {
    for (const look of ['-objects+all', '128', '48050,500,-3200,96000']) {
      assert.deepEqual(parseLink(formatLink({ s: 'x', sel, look })), { parts: { s: 'x', sel, look }, bad: [], twice: [] });
    }
  }
});

test('a place is taken apart: its kind, and the number of what is numbered', () => {
  for (const [text, kind, number] of [
    ['pfn:48050', 'pfn', '0x48050'], ['object:40c003e8', 'object', '0x40c003e8'], ['address:ffff800008000000', 'address', '0xffff800008000000'],
    ['address:400000/1', 'address', '0x400000'], ['zone:0/DMA32', 'zone'], ['list:0/Normal/3/Movable', 'list'], ['cache:a:b/c', 'cache'],
  ]) {
    assert.deepEqual(readPlace(text), number ? { kind, number } : { kind }, text);
  }
  for (const text of ['', 'pfn:', 'pfn:xyz', 'frame:48050', '0x48050']) assert.deepEqual(readPlace(text), {}, text);
});

test('parts of a link that say nothing are left out', () => {
  assert.equal(formatLink({ s: '02-buddy', step: 0, event: 0, view: 'map', lang: 'en', sel: '' }), '#s=02-buddy&view=map&lang=en');
});

test('a position as people count goes through a link, and other text is no position', () => {
  for (const at of ['4', '4.17', '4.17.3', '0.0.0']) assert.deepEqual(parseLink(formatLink({ s: 'x', at })), { parts: { s: 'x', at }, bad: [], twice: [] });
  assert.equal(formatLink({ s: 'x', at: '0', view: 'map' }), '#s=x&view=map', 'the start');
  assert.deepEqual(parseLink('#at=4.17&step=9&event=2').parts, { at: '4.17', step: 9, event: 2 });
  for (const text of ['', '4.', '.4', '4.17.3.1', 'four', '-1', '12345678901', '4,17', ' 4', '4%2']) {
    assert.equal(readPosition(text), undefined, text);
    assert.deepEqual(parseLink(`#s=x&at=${text}`).parts, { s: 'x' }, text);
  }
});

test('a link may be empty', () => {
  assert.deepEqual(parseLink(''), { parts: {}, bad: [], twice: [] });
  assert.deepEqual(parseLink('#'), { parts: {}, bad: [], twice: [] });
});

test('malformed parts of a link are told and the others count', () => {
  const { parts, bad } = parseLink('#s=../../etc/passwd&step=-1&event=1e9&lang=fr&sel=pfn:xyz&view=map&nothing&new=1&__proto__=1&colour=%E0%A4%A');
  assert.deepEqual(parts, { view: 'map' });
  assert.deepEqual(bad, ['s=../../etc/passwd', 'step=-1', 'event=1e9', 'lang=fr', 'sel=pfn:xyz', 'nothing', 'new=1', '__proto__=1', 'colour=%E0%A4%A']);
});

test('of parts that come twice the last that is well formed counts, and each name is told once', () => {
  assert.deepEqual(parseLink('#s=x&view=map&at=1&view=zones&at=2&at=3&at=four'), { parts: { s: 'x', view: 'zones', at: '3' }, bad: ['at=four'], twice: ['view', 'at'] });
  assert.deepEqual(parseLink('#new=1&new=2&lang=fr&lang=zh').twice, []);
});

test('a link that is longer than any of ours is not read', () => {
  assert.deepEqual(parseLink(`#s=02-buddy&${'a&'.repeat(500_000)}`), { parts: {}, bad: [], twice: [], tooLong: MAX_LINK });
  const most = `#s=02-buddy&${'a&'.repeat(3000)}`.slice(0, MAX_LINK);
  const { parts, bad, tooLong } = parseLink(most);
  assert.deepEqual([parts, tooLong], [{ s: '02-buddy' }, undefined]);
  assert.equal(bad.length, (MAX_LINK - '#s=02-buddy&'.length) / 2);
  assert.equal(parseLink(`${most}x`).tooLong, MAX_LINK);
});

test('a link with a scenario in it may be longer', () => {
  const z = `1.${'A'.repeat(MAX_SENT - '#at=4&z=1.'.length)}`;
  assert.deepEqual(parseLink(`#at=4&z=${z}`), { parts: { at: '4', z }, bad: [], twice: [] });
  assert.equal(parseLink(`#at=4&z=${z}A`).tooLong, MAX_SENT);
  assert.equal(parseLink(`#s=x&sel=cache:z=${z}`).tooLong, MAX_LINK, 'only where z is a part');
  assert.equal(formatLink({ z: '1.AA', at: '4', from: '02-buddy.0123abcd', lang: 'en' }), '#from=02-buddy.0123abcd&at=4&lang=en&z=1.AA', 'z is the last: a cut is noticed');
});

test('an address goes through a link whole', () => {
  const url = 'https://example.org/a%20b.json?x=1&y=2';
  assert.deepEqual(parseLink(formatLink({ url, at: '4' })), { parts: { url, at: '4' }, bad: [], twice: [] });
  assert.deepEqual(parseLink(`#url=https://x/${'a'.repeat(2048)}`).parts, {});
});

test('a lesson that a link derives from is a name and a sum', () => {
  for (const from of ['../x.0123abcd', '02-buddy', '02-buddy.0123ABCD', '02-buddy.0123abc', '.0123abcd', `${'a'.repeat(65)}.0123abcd`]) {
    assert.deepEqual(parseLink(`#from=${from}`).parts, {}, from);
  }
});

test('the longest link that the page can make is followed', () => {
  const name = '语'.repeat(80);  // nine characters of a link each
  const parts = { s: `a${'b'.repeat(63)}`, step: 4294967295, event: 4294967295, view: 'v'.repeat(32), lang: 'zh', sel: `cache:${name}`,
    look: '+'.repeat(64), colour: 'c'.repeat(32), layout: 'l'.repeat(32), panel: 'p'.repeat(32) };
  const link = formatLink(parts);
  assert.ok(link.length < MAX_LINK / 2, `${link.length}`);
  assert.deepEqual(parseLink(link), { parts, bad: [], twice: [] });
});

// ---- text from elsewhere --------------------------------------------------------------------------------------------

test('what is not seen or turns the line is written out, what is seen stays', () => {
  for (const [text, shown] of [
    ['a\u202eb', 'a\\u202eb'], ['a\ufffeb', 'a\\ufffeb'], ['\u2066x\u2069', '\\u2066x\\u2069'], ['a\u200bb\u200dc\u2060d\ufeff', 'a\\u200bb\\u200dc\\u2060d\\ufeff'],
    ['\u009b31m\u0085\x1b[2J\x07\0\x7f', '\\u009b31m\\u0085\\u001b[2J\\u0007\\u0000\\u007f'], ['a\u00adb\u034f\u3164', 'a\\u00adb\\u034f\\u3164'],
    ['a\u{e0041}b', 'a\\u{e0041}b'], ['\ud83d', '\\ud83d'], ['x\u2028y\u2029z', 'x\\u2028y\\u2029z'], ['one\r\n\ttwo', 'one two'],
    ['Größe 语言 😀 ⚠\ufe0f ‘’“”… × ≤', 'Größe 语言 😀 ⚠\ufe0f ‘’“”… × ≤'], ['', ''],
  ]) {
    assert.equal(plain(text), shown);
  }
});

test('what is too long is cut, and no character is halved', () => {
  assert.equal(plain('abcdef', 6), 'abcdef');
  assert.equal(plain('abcdefg', 6), 'abcdef…');
  assert.equal(plain('abcde😀f', 6), 'abcde…');
  assert.equal(plain('x'.repeat(9_000_000), 600).length, 601);
  assert.equal(wholeAt('a😀b', 2), 1);
  assert.equal(wholeAt('a😀b', 3), 3);
});

test('a line and a column are found, in characters', () => {
  const text = 'one\n语😀: x\n\nlast';
  assert.deepEqual([1, 2, 3, 4, 5, 99].map((n) => text.slice(...lineAt(text, n))), ['one', '语😀: x', '', 'last', '', '']);
  assert.deepEqual([1, 2, 3, 4, 99].map((column) => unitsBefore('语😀: x', column)), [0, 1, 3, 4, 6]);
});
