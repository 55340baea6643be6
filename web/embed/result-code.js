// Result codes: what somebody has answered in a lesson, as a line that can be handed in, and checked without a server.
//
//   mm1.02-buddy.9c0f54d1.rrwsr.f9ff8026
//   │   │        │        │     └ checksum of all before it
//   │   │        │        └ a letter a question, in their order: r right, w wrong, s shown, o open
//   │   │        └ checksum of the scenario's text: its version
//   │   └ the scenario's name
//   └ the format
//
// It is a checksum, not a signature: it finds a slip of the pen. It does not prove who answered, nor that anybody did.
//
// This file stands alone, so that a teacher's page can import or copy it:
//
//   import { readCode, versionOf } from './embed/result-code.js';
//   const result = readCode(code);                                   // null: it is no such code, or a character is wrong
//   if (result) console.log(result.scenario, result.right, 'of', result.asked);
//   const same = result.version === versionOf(await (await fetch('scenarios/02-buddy.json')).text());

const FORMAT = 'mm1';
export const LETTERS = { right: 'r', wrong: 'w', shown: 's', open: 'o' };
const STATES = Object.fromEntries(Object.entries(LETTERS).map(([state, letter]) => [letter, state]));
const CODE = /^mm1\.([A-Za-z0-9][A-Za-z0-9._-]{0,63})\.([0-9a-f]{8})\.([rwso]{1,1000})\.([0-9a-f]{8})$/;

/** CRC-32 (IEEE 802.3) of a text in UTF-8, as 8 digits in hex: no change of up to 32 bits in a row escapes it. */
export function checksum(text) {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let i = 0; i < 8; ++i) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

/** The version of a scenario: a checksum of its text as it was loaded. */
export const versionOf = (source) => checksum(source);

/** answers: 'right', 'wrong', 'shown' or 'open' for each question of the scenario, at least one. */
export function writeCode({ scenario, version, answers }) {
  const body = `${FORMAT}.${scenario}.${version}.${answers.map((state) => LETTERS[state]).join('')}`;
  return `${body}.${checksum(body)}`;
}

/** {scenario, version, answers, right, asked}, or null when the text is no result code or was changed. */
export function readCode(text) {
  const code = String(text).trim();
  const match = CODE.exec(code);
  if (!match) return null;
  const [, scenario, version, letters, sum] = match;
  if (checksum(code.slice(0, -sum.length - 1)) !== sum) return null;
  const answers = [...letters].map((letter) => STATES[letter]);
  return { scenario, version, answers, right: answers.filter((state) => state === 'right').length, asked: answers.length };
}
