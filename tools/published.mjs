// The texts of lessons that links may have been packed with (web/js/send/parcels.js): of each lesson the CRC-32 of every text
// that was published. Links open for ever, so a text that has changed is kept, as scenarios/earlier/ID.CRC.json.
//
//   node tools/published.mjs          prints the table: what it has, and the lessons as they are
//   node tools/published.mjs --keep   writes the earlier texts that are missing, from the history of git
//
// A row of a text that was never published may be taken out by hand; its earlier text goes with it.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { versionOf } from '../web/embed/result-code.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SCENARIOS = join(ROOT, 'scenarios');
const TABLE = join(SCENARIOS, 'earlier', 'published.json');

const read = (path) => readFileSync(path, 'utf8');
const lessons = () => readdirSync(SCENARIOS).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length)).sort();

/** {id: [CRC-32, …]}, the oldest first. */
export const published = () => (existsSync(TABLE) ? JSON.parse(read(TABLE)) : {});

/** The table with the lessons as they are. */
export function table() {
  const rows = published();
  for (const id of lessons()) {
    const sum = versionOf(read(join(SCENARIOS, `${id}.json`)));
    rows[id] = [...(rows[id] ?? []).filter((other) => other !== sum), sum];
  }
  return Object.fromEntries(Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What of the table is neither a lesson as it is nor an earlier text that is kept: ['ID.CRC', …]. */
export function missing() {
  return Object.entries(published()).flatMap(([id, sums]) => sums.filter((sum) => {
    const now = join(SCENARIOS, `${id}.json`);
    const earlier = join(SCENARIOS, 'earlier', `${id}.${sum}.json`);
    return ![now, earlier].some((path) => existsSync(path) && versionOf(read(path)) === sum);
  }).map((sum) => `${id}.${sum}`));
}

/** The text of a lesson with this sum, from any commit; null when there is none. */
function fromHistory(id, sum) {
  const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
  const path = `scenarios/${id}.json`;
  for (const commit of git('log', '--all', '--format=%H', '--', path).split('\n').filter(Boolean)) {
    try {
      const text = git('show', `${commit}:${path}`);
      if (versionOf(text) === sum) return text;
    } catch {
      // It was taken out in this commit.
    }
  }
  return null;
}

function keep() {
  for (const row of missing()) {
    const [id, sum] = [row.slice(0, -9), row.slice(-8)];
    const text = fromHistory(id, sum);
    const path = `scenarios/earlier/${row}.json`;
    if (text === null) {
      console.error(`no commit has the text for ${path}; if it was never published, take ${sum} out of scenarios/earlier/published.json`);
      process.exitCode = 1;
      continue;
    }
    writeFileSync(join(ROOT, path), text);
    console.log(`  ${path}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes('--keep')) keep();
  else console.log(JSON.stringify(table(), null, 1).replace(/\[\s+([^\]]*?)\s+\]/g, (_, sums) => `[${sums.replace(/\s+/g, ' ')}]`));
}
