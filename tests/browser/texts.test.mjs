// Texts of the page and its links, without a browser.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import en from '../../web/i18n/en.js';
import zh from '../../web/i18n/zh.js';
import { text } from '../../web/js/i18n.js';
import { formatLink, parseLink } from '../../web/js/link.js';

const WEB = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'web');
const scripts = readdirSync(join(WEB, 'js')).map((name) => readFileSync(join(WEB, 'js', name), 'utf8')).join('\n');
const html = readFileSync(join(WEB, 'index.html'), 'utf8');

test('both languages have the same texts', () => {
  assert.deepEqual(Object.keys(zh), Object.keys(en));
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
  assert.deepEqual(parseLink(hash), { parts, bad: [] });
});

test('every kind of place and every look of a view goes through a link', () => {
  for (const sel of ['pfn:48050', 'zone:0/DMA32', 'pcp:0/Normal/1/3', 'cache:kmalloc-64', 'cache:dma-kmalloc-8k', 'cache:a b&c@12', 'object:40c003e8', 'address:ffff800008000000', 'address:400000/1']) {
    for (const look of ['-objects+all', '128', '48050,500,-3200,96000']) {
      assert.deepEqual(parseLink(formatLink({ s: 'x', sel, look })), { parts: { s: 'x', sel, look }, bad: [] });
    }
  }
});

test('parts of a link that say nothing are left out', () => {
  assert.equal(formatLink({ s: '02-buddy', step: 0, event: 0, view: 'map', lang: 'en', sel: '' }), '#s=02-buddy&view=map&lang=en');
});

test('a link may be empty', () => {
  assert.deepEqual(parseLink(''), { parts: {}, bad: [] });
  assert.deepEqual(parseLink('#'), { parts: {}, bad: [] });
});

test('malformed parts of a link are told and the others count', () => {
  const { parts, bad } = parseLink('#s=../../etc/passwd&step=-1&event=1e9&lang=fr&sel=pfn:xyz&view=map&nothing&new=1&__proto__=1&colour=%E0%A4%A');
  assert.deepEqual(parts, { view: 'map' });
  assert.deepEqual(bad, ['s=../../etc/passwd', 'step=-1', 'event=1e9', 'lang=fr', 'sel=pfn:xyz', 'nothing', 'new=1', '__proto__=1', 'colour=%E0%A4%A']);
});
