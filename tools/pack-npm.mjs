// Makes the package mm-scope for npm: the element <mm-scope> with its types, and the page that it shows.
//
//   node tools/pack-npm.mjs --page DIR [--out DIR]
//
//   package.json, README.md (docs/mm-scope.md), LICENSE
//   page/                     the built page as it is, without the smaller copies that hosts make or do not make
//   page/embed/mm-scope.*     the element, beside its page: it finds it by its own address
//
// DIR/mm-scope-VERSION.tgz is what `npm install` and `npm publish` take.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { COPIES } from './copies.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const NAME = 'mm-scope';

const packageOf = (version) => ({
  name: NAME,
  version,
  description: 'See how Linux manages memory: a web component that shows mmscope, steps through lessons and tells what was answered.',
  license: 'MIT',
  keywords: ['linux', 'kernel', 'memory', 'teaching', 'visualization', 'web-component'],
  type: 'module',
  main: './page/embed/mm-scope.mjs',
  types: './page/embed/mm-scope.d.ts',
  exports: {
    '.': { types: './page/embed/mm-scope.d.ts', default: './page/embed/mm-scope.mjs' },
    './mm-scope.js': './page/embed/mm-scope.js',
    './page/*': './page/*',
    './package.json': './package.json',
  },
  sideEffects: ['./page/embed/mm-scope.*'],
  files: ['page'],
});

function pack(page, out) {
  if (!existsSync(join(page, 'build.json'))) throw new Error(`${page} has no page; ./dev build makes it`);
  const { version } = JSON.parse(readFileSync(join(page, 'build.json'), 'utf8'));
  const folder = join(out, NAME);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(page, join(folder, 'page'), { recursive: true, filter: (path) => !COPIES.some(({ suffix }) => path.endsWith(suffix)) });
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  cpSync(join(ROOT, 'docs/mm-scope.md'), join(folder, 'README.md'));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(packageOf(version), null, 2)}\n`);
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', out], { cwd: folder, encoding: 'utf8' });
  return join(out, `${NAME}-${version}.tgz`);
}

const { values: { page, out } } = parseArgs({ options: { page: { type: 'string' }, out: { type: 'string', default: join(ROOT, 'build/pack') } } });
const path = pack(resolve(page), resolve(out));
console.log(`${path}: ${Math.round(statSync(path).size / 1000).toLocaleString('en-US')} kB`);
