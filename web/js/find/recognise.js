// What a text is that somebody drops or pastes, told from its first words. It is not read here: the engine reads it, and
// says what is wrong with it.
import { SCENARIO_MAX } from '../limits.js';

const FORMAT = /"format"\s*:\s*"(mmscope(?:-machine)?\/\d{1,3})"/;
const FREE_BLOCKS = /\bNode[ \t\u00a0]+\d+[ \t\u00a0]*,[ \t\u00a0]*zone\b/;  // behind a prompt or a time, too; damaged or cut, the engine says where
const LOOKED_AT = 1 << 16;  // characters

// Files of /proc that are not read yet, by what only they have.
const OTHERS = [
  ['/proc/zoneinfo', /^Node \d+, zone +\w+$[^]{0,400}^ +pages free +\d+/m],
  ['/proc/pagetypeinfo', /^Page block order: \d+$/m],
  ['/proc/slabinfo', /^slabinfo - version: [\d.]+$/m],
  ['/proc/vmallocinfo', /^0x[0-9a-f]{8,16}-0x[0-9a-f]{8,16} +\d+ \S/m],
  ['/proc/meminfo', /^MemTotal: +\d+ kB$/m],
  ['/proc/self/maps', /^[0-9a-f]{8,16}-[0-9a-f]{8,16} [r-][w-][x-][ps] /m],
];

/** {kind: 'scenario' | 'machine' | 'buddyinfo' | 'other' | 'large' | 'unknown', name?}: name of a file of /proc. */
export function recognise(text) {
  if (text.length > SCENARIO_MAX) return { kind: 'large' };
  const head = text.slice(0, LOOKED_AT);
  const begins = /^[\s\ufeff]*([{[]?)/.exec(head)[1];
  if (begins === '{' || (begins === '[' && !FREE_BLOCKS.test(head))) {  // or it is the time in a log
    const format = FORMAT.exec(head)?.[1] ?? FORMAT.exec(text)?.[1] ?? '';
    return { kind: format.startsWith('mmscope-machine/') ? 'machine' : 'scenario' };
  }
  for (const [name, pattern] of OTHERS) if (pattern.test(head)) return { kind: 'other', name };
  return { kind: FREE_BLOCKS.test(head) ? 'buddyinfo' : 'unknown' };
}

/** A scenario of no steps on the machine of a machine file; null when the file is no JSON object with a profile. */
export function machineScenario(text) {
  try {
    const { profile } = JSON.parse(text);
    if (typeof profile !== 'object' || profile === null) return null;
    const title = profile.title ?? (typeof profile.name === 'string' ? profile.name : 'machine');
    return JSON.stringify({ format: 'mmscope/1', title, machine: { profile }, steps: [] });
  } catch (broken) {
    return null;
  }
}
