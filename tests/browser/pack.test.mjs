// The npm package of <mm-scope>: installed into a site of somebody's own, it shows the page that it brings.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { open } from './harness.mjs';
import { DIST, until } from './host-page.mjs';
import { startServer } from '../../tools/serve.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const work = mkdtempSync(join(tmpdir(), 'mmscope-pack-'));
const site = join(work, 'site');
const installed = join(site, 'node_modules', 'mm-scope');
const run = (command, args, cwd = ROOT) => execFileSync(command, args, { cwd, encoding: 'utf8' });
let said = '';

before(() => {
  said = run('node', ['tools/pack-npm.mjs', '--page', DIST, '--out', join(work, 'pack')]);
  const [file] = readdirSync(join(work, 'pack')).filter((name) => name.endsWith('.tgz'));
  cpSync(join(work, 'pack', file), join(work, file));
  run('mkdir', ['-p', site]);
  writeFileSync(join(site, 'package.json'), '{ "private": true, "type": "module" }');
  run('npm', ['install', '--offline', '--silent', '--no-audit', '--no-fund', join(work, file)], site);
});
after(() => rmSync(work, { recursive: true, force: true }));

test('the package has the page of this build, its types and its licence, and no second copies', () => {
  const { version, files } = JSON.parse(readFileSync(join(DIST, 'build.json'), 'utf8'));
  assert.match(said, new RegExp(`mm-scope-${version.replaceAll('.', '\\.')}\\.tgz: [\\d,]+ kB`));
  const description = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  assert.deepEqual([description.name, description.version, description.license], ['mm-scope', version, 'MIT']);
  const all = readdirSync(join(installed, 'page'), { recursive: true });
  for (const { path } of files) assert.ok(all.includes(path), path);
  assert.deepEqual(all.filter((name) => /\.(br|gz)$/.test(name)), []);
  for (const name of ['README.md', 'LICENSE', description.types, description.main]) readFileSync(join(installed, name));
});

test('it can be imported where there is no window, as a site is made', () => {
  assert.equal(run('node', ['-e', "import('mm-scope').then((all) => console.log(Object.keys(all).sort().join(' ')))"], site), 'MmScope default\n');
});

for (const [kind, script, src] of [
  ['plain script', '<script src="node_modules/mm-scope/page/embed/mm-scope.js"></script>', ''],
  ['module', '<script type="module">import "./node_modules/mm-scope/page/embed/mm-scope.mjs";</script>', ''],
  ['copied folder and src', '<script type="module">import "./node_modules/mm-scope/page/embed/mm-scope.mjs";</script>', 'src="copied/page"'],
]) {
  test(`it opens in a site, as a ${kind}`, async () => {
    cpSync(join(installed, 'page'), join(site, 'copied/page'), { recursive: true });
    writeFileSync(join(site, 'index.html'), `<!doctype html><title>A site</title><link rel="icon" href="data:,">${script}
      <mm-scope ${src} scenario="02-buddy" at="4" lang="en"></mm-scope>`);
    const server = await startServer(site);
    const opened = await open({ query: 'examples/index.html', ready: false });
    try {
      await opened.page.goto(server.url);
      const frame = await until('the frame', () => opened.page.frames().find((one) => /embed\.html/.test(one.url())));
      assert.ok(frame.url().startsWith(`${server.url}${src ? 'copied' : 'node_modules/mm-scope'}/page/embed.html#s=02-buddy&at=4`), frame.url());
      await until('the page', () => frame.evaluate(() => document.documentElement.dataset.loaded === '1').catch(() => false));
      assert.equal((await opened.page.evaluate(() => document.querySelector('mm-scope').state())).at, '4');
      assert.deepEqual(opened.problems.filter((problem) => !problem.includes(server.url)), []);
    } finally {
      await opened.close();
      await server.close();
    }
  });
}
