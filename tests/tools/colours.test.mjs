// Colours of the page by WCAG's formula, in both themes: text 4.5:1, what only has to be seen 3:1.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = (name) => readFileSync(new URL(`../../web/css/${name}.css`, import.meta.url), 'utf8');

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a, b) {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** The colours of a block of custom properties. */
function colours(start) {
  const text = css('base');
  const block = text.slice(text.indexOf(start), text.indexOf('}', text.indexOf(start)));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
}

// Where each colour of text stands: panel is behind the current step and the dock, glow behind what changed and the
// current event, press behind a button under the pointer.
const TEXTS = {
  ink: ['paper', 'panel', 'glow', 'press'],
  muted: ['paper', 'panel', 'glow', 'press'],
  link: ['paper', 'panel', 'glow', 'press'],
  accent: ['paper', 'panel', 'glow'],
  good: ['paper', 'panel'],
  bad: ['paper', 'panel'],
  paper: ['ink', 'accent', 'bad', 'link'],
};
const SHAPES = ['accent', 'good', 'bad', 'free', 'allocated', 'pcp', 'muted'];

for (const [theme, start] of [['light', ':root {'], ['dark', ':root[data-dark] {']]) {
  test(`text can be read on what stands behind it, ${theme}`, () => {
    const has = colours(start);
    for (const [front, backs] of Object.entries(TEXTS)) {
      for (const back of backs) {
        const ratio = contrast(has[front], has[back]);
        assert.ok(ratio >= 4.5, `${front} on ${back}: ${ratio.toFixed(2)}`);
      }
    }
    for (const front of SHAPES) {
      const ratio = contrast(has[front], has.paper);
      assert.ok(ratio >= 3, `${front} on paper: ${ratio.toFixed(2)}`);
    }
  });
}

test('no rule has a colour of its own beside those of base.css', () => {
  for (const name of ['layout', 'panels', 'mirror']) {
    const found = css(name).match(/(?<![\w-])#[0-9a-f]{3,8}\b(?=[^{}]*[;}])/gi) ?? [];
    assert.deepEqual(found, [], name);
  }
});
