// What of the program listing needs no page: which lines are shown, and where a line stands to the cursor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesAround, standOf, texts } from '../../web/js/lazy/program.js';

test('a short program is shown whole, of a long one the part around the cursor', () => {
  assert.deepEqual(linesAround(17, 20), [0, 20]);
  assert.deepEqual(linesAround(0, 300), [0, 300]);
  assert.deepEqual(linesAround(0, 5000), [0, 300]);
  assert.deepEqual(linesAround(1000, 5000), [940, 1240]);
  assert.deepEqual(linesAround(4999, 5000), [4700, 5000]);
});

test('the line of the shown step is the current one, the others are done or come', () => {
  const at = { stepNo: 3, op: 7 };
  assert.equal(standOf({ step: 2, op: 1 }, at), 'done');
  assert.equal(standOf({ step: 3, op: 2 }, at), 'now', 'a loop: the cursor stands in it');
  assert.equal(standOf({ step: 4, op: 8 }, at), 'ahead');
  assert.equal(standOf({ step: 1, op: 0 }, { stepNo: 0, op: -1 }), 'ahead', 'at the start nothing is done');
});

test('both languages have the same texts', () => assert.deepEqual(Object.keys(texts.en), Object.keys(texts.zh)));
