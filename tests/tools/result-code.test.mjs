// Result codes: what is written can be read, and a change is found.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checksum, readCode, versionOf, writeCode } from '../../web/embed/result-code.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const RESULT = { scenario: '02-buddy', version: versionOf('{}'), answers: ['right', 'wrong', 'shown', 'open', 'right'] };

// The check value of the CRC catalogues for CRC-32/ISO-HDLC, and its empty message.
test('the checksum is CRC-32 of the text in UTF-8', () => {
  assert.equal(checksum('123456789'), 'cbf43926');
  assert.equal(checksum(''), '00000000');
  assert.equal(checksum('The quick brown fox jumps over the lazy dog'), '414fa339');
});

test('what is written is read', () => {
  const code = writeCode(RESULT);
  assert.match(code, /^mm1\.02-buddy\.[0-9a-f]{8}\.rwsor\.[0-9a-f]{8}$/);
  assert.deepEqual(readCode(code), { ...RESULT, right: 2, asked: 5 });
  assert.deepEqual(readCode(`  ${code}\n`), readCode(code), 'as it was pasted');
  const dotted = { ...RESULT, scenario: 'a.rw.b' };
  assert.equal(readCode(writeCode(dotted)).scenario, 'a.rw.b');
});

test('any other character at any place is refused', () => {
  const code = writeCode(RESULT);
  for (let at = 0; at < code.length; ++at) {
    for (const other of '0123456789abcdefmorsw.-B ') {
      if (other === code[at]) continue;
      assert.equal(readCode(code.slice(0, at) + other + code.slice(at + 1)), null, `${other} at ${at}`);
    }
  }
});

test('a character that is missing, doubled or in the place of its neighbour is refused', () => {
  const code = writeCode(RESULT);
  for (let at = 0; at < code.length; ++at) {
    assert.equal(readCode(code.slice(0, at) + code.slice(at + 1)), null, `without ${at}`);
    assert.equal(readCode(code.slice(0, at) + code[at] + code.slice(at)), null, `twice ${at}`);
    if (at === 0 || code[at] === code[at - 1]) continue;
    assert.equal(readCode(code.slice(0, at - 1) + code[at] + code[at - 1] + code.slice(at + 1)), null, `swapped ${at}`);
  }
});

test('what is no code is none', () => {
  for (const text of ['', 'mm1', 'mm1.02-buddy.00000000..00000000', 'mm2.x.00000000.r.00000000', null, undefined, {}, 'r'.repeat(100_000)]) {
    assert.equal(readCode(text), null);
  }
});

test('another text of the scenario is another version', () => {
  const source = readFileSync(join(ROOT, 'scenarios', '02-buddy.json'), 'utf8');
  assert.notEqual(versionOf(source), versionOf(source.replace('"order": 4', '"order": 5')));
  assert.equal(versionOf(source), versionOf(`${source}`));
});

test('the codes that are written down as examples are codes', () => {
  for (const file of ['docs/embedding.md', 'web/embed/result-code.js']) {
    const codes = readFileSync(join(ROOT, file), 'utf8').match(/\bmm1\.\S+\.[0-9a-f]{8}\b/g);
    assert.ok(codes?.length > 0, file);
    for (const code of codes) assert.equal(readCode(code)?.scenario, '02-buddy', `${file}: ${code}`);
  }
});
