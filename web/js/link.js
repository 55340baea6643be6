// Links: what the part after '#' says, and how a place in the page is written there. Pure functions.
//
//   #s=02-buddy&at=4.17.3&view=map&lang=zh&sel=pfn:48050&look=48050,500,-3200,96000&colour=order&layout=linear&panel=proc&file=maps
//
// `at` is written step, op in it, event in that, as people count (engine/scenario/step_spans.h). Older links have `step`, which
// counts ops, and `event`, which counts in the next op; where `at` stands too, it is followed.
//
// In place of `s` stands `z` with a scenario of any kind in it (send/pack.js), `from` before it with the lesson that it derives
// from; or `url`, where another site has it. `z` is the last part: what cuts a link is noticed. docs/links.md has it all.
//
// Names never change: every link that was ever made keeps working. Unknown parts are reported, never fatal. A link that is
// longer than any that the page makes is not even read.

export const MAX_LINK = 4096;   // characters; with the longest name of a cache, each letter as %xx, a link has about 1,200
export const MAX_SENT = 65536;  // of one with a scenario in it; the page makes none of more than 8 kB
const MAX_ADDRESS = 2048;
const MAX_NUMBER = 0xffffffff;
const SCENARIO = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const BASE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.[0-9a-f]{8}$/;
const CARRIES = /[#&]z=/;
const WORD = /^[a-z0-9-]{1,32}$/;
const FILE = /^[\w.-]{1,32}$/;
const LOOK = /^[\w,/+-]{1,64}$/;
const POSITION = /^\d{1,10}(?:\.\d{1,10}){0,2}$/;
const PLACE = /^(none|pfn:[0-9a-f]{1,8}|zone:\d{1,3}\/\w{1,16}|list:\d{1,3}\/\w{1,16}\/\d{1,2}\/\w{1,16}|pcp:\d{1,3}\/\w{1,16}\/\d{1,3}\/\d{1,2}|cache:.{1,80}|object:[0-9a-f]{1,16}|address:[0-9a-f]{1,16}(?:\/\d{1,5})?)$/;

const WITH_NUMBER = ['pfn', 'object', 'address'];

const readers = {
  s: (text) => (SCENARIO.test(text) ? text : undefined),
  url: (text) => (text.length <= MAX_ADDRESS ? text : undefined),
  from: (text) => (BASE.test(text) ? text : undefined),
  step: number,
  event: number,
  at: readPosition,
  view: (text) => (WORD.test(text) ? text : undefined),
  lang: (text) => (text === 'en' || text === 'zh' ? text : undefined),
  sel: (text) => (PLACE.test(text) ? text : undefined),
  look: (text) => (LOOK.test(text) ? text : undefined),
  colour: (text) => (WORD.test(text) ? text : undefined),
  layout: (text) => (WORD.test(text) ? text : undefined),
  panel: (text) => (WORD.test(text) ? text : undefined),
  file: (text) => (FILE.test(text) ? text : undefined),
  z: (text) => text,  // what is wrong with it is told when it is unpacked
};

/** The kind of a place ('pfn', 'zone', …), and of a frame, an object or an address its number: {kind: 'pfn', number: '0x48050'}; {} of what is no place. */
export function readPlace(text) {
  if (!PLACE.test(text)) return {};
  const [kind, number] = text.split(/[:/]/, 2);
  return WITH_NUMBER.includes(kind) ? { kind, number: `0x${number}` } : { kind };
}

/** A position as people count, "4", "4.17" or "4.17.3"; undefined of other text. Whether there is such a place the engine knows. */
export function readPosition(text) {
  return POSITION.test(text) ? text : undefined;
}

function number(text) {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  return value <= MAX_NUMBER ? value : undefined;
}

/**
 * {parts: {s, step, …}, bad: ['step=abc', …], twice: ['view', …]}: only parts that are well formed are in `parts`; of those that
 * come twice the last counts. Or tooLong, so many characters as it may have, and nothing in them.
 */
export function parseLink(hash) {
  const parts = {};
  const bad = [];
  const twice = new Set();
  const most = CARRIES.test(hash.slice(0, MAX_LINK)) ? MAX_SENT : MAX_LINK;
  if (hash.length > most) return { parts, bad, twice: [], tooLong: most };
  for (const piece of hash.replace(/^#/, '').split('&')) {
    if (piece === '') continue;
    const at = piece.indexOf('=');
    const name = at < 0 ? piece : piece.slice(0, at);
    let value;
    try {
      value = Object.hasOwn(readers, name) ? readers[name](decodeURIComponent(piece.slice(at + 1))) : undefined;
    } catch (malformed) {
      value = undefined;
    }
    if (value === undefined || at < 0) {
      bad.push(piece.slice(0, 40));
      continue;
    }
    if (Object.hasOwn(parts, name)) twice.add(name);
    parts[name] = value;
  }
  return { parts, bad, twice: [...twice] };
}

/** The hash for {s, at, view, …}, in the order of the names above; undefined, empty and zero parts are left out. */
export function formatLink(parts) {
  const pieces = [];
  for (const name of Object.keys(readers)) {
    const value = parts[name];
    if (value === undefined || value === '' || value === 0 || value === '0') continue;
    pieces.push(`${name}=${encodeURIComponent(value).replace(/%3A/g, ':').replace(/%2F/g, '/').replace(/%2C/g, ',')}`);
  }
  return `#${pieces.join('&')}`;
}
