// Prints web/find/functions.json: in which events of which lessons a function of the kernel is seen, so that the page finds
// rmqueue_bulk() where it runs. Made from what the command line prints of each lesson; ./dev generate runs it.
//
//   node tools/functions.mjs PROGRAM      {"rmqueue_bulk": [["05-pcp", 3, 12], …]}: lesson, ops before it, number of the event

import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readChapters } from './find.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PLACES = 3;      // of a function, each in another lesson
const OPS = 500;       // of a lesson: a random run shows nothing new after them
const PRINTED = 2 ** 29;  // bytes

const [program] = process.argv.slice(2);
const places = new Map();  // function → [{at, share}]
for (const lesson of readChapters(join(ROOT, 'web')).flatMap((chapter) => chapter.lessons)) {
  const text = execFileSync(program, ['run', `scenarios/${lesson}.json`, '--json', '--events', '--until', String(OPS)],
    { cwd: ROOT, encoding: 'utf8', maxBuffer: PRINTED });
  const here = new Map();  // function → where it is first seen, and first at the end of a path; in which ops
  const { steps } = JSON.parse(text);
  steps.forEach(({ events = [] }, step) => events.forEach(({ path }, event) => {
    for (const name of new Set(path)) {
      const seen = here.get(name) ?? { inside: [lesson, step, event + 1], own: null, ops: new Set() };
      if (name === path.at(-1)) {
        seen.own ??= [lesson, step, event + 1];
        seen.ops.add(step);
      }
      here.set(name, seen);
    }
  }));
  for (const [name, { inside, own, ops }] of here) {
    if (!places.has(name)) places.set(name, []);
    places.get(name).push({ at: own ?? inside, share: ops.size / Math.sqrt(steps.length) });
  }
}
// The lessons where it runs often for their length, as they are read.
function best(found) {
  const most = Math.max(...found.map(({ share }) => share));
  return found.filter(({ share }) => share >= most / 4).slice(0, PLACES).map(({ at }) => at);
}
const lines = [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, found]) => `${JSON.stringify(name)}: ${JSON.stringify(best(found))}`);
console.log(`{\n${lines.join(',\n')}\n}`);
