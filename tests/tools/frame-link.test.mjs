// What an embedded frame reads from its link (web/js/frame-link.js): what is well formed, and that nothing else gets through.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeWithin, readFrame } from '../../web/js/frame-link.js';

test('every parameter is read, and the rest of the link is left as it stood', () => {
  const { parts, bad, rest } = readFrame('#s=02-buddy&views=zones,map&at=4.17&readonly=1&steps=3-7&controls=full&theme=dark&follow=0&lang=zh');
  assert.deepEqual(parts, { views: ['zones', 'map'], readonly: '1', steps: [3, 7], controls: 'full', theme: 'dark', follow: '0' });
  assert.deepEqual(bad, []);
  assert.equal(rest, '#s=02-buddy&at=4.17&lang=zh');
});

test('a link without any is left alone', () => {
  for (const link of ['', '#s=02-buddy&at=4', '#steps', '#constructor=1&__proto__=2&sel=pfn:3&steps']) {
    const { parts, kept } = readFrame(link);
    assert.deepEqual(parts, {});
    assert.equal(kept, '');
  }
  assert.equal(readFrame('#s=02-buddy&constructor=1').rest, '#s=02-buddy&constructor=1');
  assert.equal(readFrame('').rest, '');
});

test('one step is a range of one', () => assert.deepEqual(readFrame('#steps=4').parts.steps, [4, 4]));

for (const piece of [
  'steps=0', 'steps=7-3', 'steps=3-', 'steps=-3', 'steps=4.5', 'steps=three', 'steps=12345678901', 'steps=3–7', 'steps', 'steps=',
  'views=', 'views=Map', 'views=map,,zones', `views=${'a'.repeat(33)}`, `views=${Array.from({ length: 21 }, (_, i) => `v${i}`)}`, 'views=%',
  'controls=all', 'theme=pink', 'follow=yes', 'readonly=true', 'readonly=%00',
]) {
  test(`${piece} is told with how it is written, and nothing follows from it`, () => {
    const { parts, bad, rest, kept } = readFrame(`#s=02-buddy&${piece}`);
    assert.deepEqual(parts, {});
    assert.equal(bad.length, 1);
    assert.equal(bad[0].piece, piece.slice(0, 40));
    assert.ok(bad[0].form.startsWith(`${piece.split('=')[0]}=`));
    assert.deepEqual([rest, kept], ['#s=02-buddy', '']);
  });
}

test('of a name that comes often the last counts, and it is told once', () => {
  const { parts, bad, twice } = readFrame(`#${'steps=x&'.repeat(50_000)}theme=light&theme=dark`);
  assert.deepEqual(parts, { theme: 'dark' });
  assert.equal(bad.length, 1);
  assert.deepEqual(twice, ['steps', 'theme']);
});

test('what was well formed is kept as it was written', () => {
  const { kept } = readFrame('#views=map%2Czones&steps=0&s=x&steps=3-7');
  assert.equal(kept, 'views=map%2Czones&steps=3-7&');
  assert.deepEqual(readFrame(`#${kept}s=y`).parts, { views: ['map', 'zones'], steps: [3, 7] });
});

test('of the steps those are left that the lesson has', () => {
  assert.deepEqual(rangeWithin([3, 7], 9), [3, 7]);
  assert.deepEqual(rangeWithin([3, 7], 5), [3, 5]);
  assert.deepEqual(rangeWithin([5, 5], 5), [5, 5]);
  assert.equal(rangeWithin([6, 7], 5), null);
});
