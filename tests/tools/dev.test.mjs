// ./dev says plainly what is wrong before it begins, and the command line asks for nothing that it does not need.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const work = mkdtempSync(join(tmpdir(), 'mmscope-dev-'));
after(() => {
  chmodSync(work, 0o755);
  rmSync(work, { recursive: true, force: true });
});

// A copy of the scripts alone, so that nothing can be built and the folders are the test's.
let copies = 0;
function copyOfDev() {
  const root = join(work, `copy-${++copies}`);
  mkdirSync(root);
  for (const name of ['dev', 'tools']) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  return root;
}

function run(command, args, { cwd = ROOT, env = {} } = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd, encoding: 'utf8', timeout: 60_000, env: { ...process.env, MMSCOPE_CACHE: join(work, 'cache'), ...env },
  });
  return { status, text: stdout + stderr };
}
const dev = (root, args, env) => run('./dev', args, { cwd: root, env });
const sourced = (script) => run('bash', ['-c', `set -euo pipefail; for part in lib setup build test generated extra; do . tools/$part.sh; done; ${script}`]);

// ---- what is said wrong ---------------------------------------------------------------------------------------------

for (const port of ['x', '', '0', '-1', '65536', '080', '8000x', '1 2', '8000\n', '١٢', '99999999999999999999']) {
  test(`serve --port ${JSON.stringify(port)} is refused before anything is built`, () => {
    const said = { status: 1, text: `dev: --port ${port}: a port is a number from 1 to 65535\n` };
    assert.deepEqual(dev(copyOfDev(), ['serve', '--port', port]), said);
    assert.deepEqual(dev(copyOfDev(), ['serve', `--port=${port}`]), said);
  });
}

test('serve --port without a number, and what serve does not know', () => {
  assert.deepEqual(dev(copyOfDev(), ['serve', '--port']), { status: 1, text: 'dev: --port needs a number from 1 to 65535\n' });
  assert.deepEqual(dev(copyOfDev(), ['serve', '8000']), { status: 1, text: 'dev: ./dev serve does not know 8000; it takes --port N\n' });
});

for (const args of [['--browser'], ['--browser', 'opera'], ['firefox'], ['--browser', 'firefox', 'x']]) {
  test(`test ${args.join(' ')} is refused before anything is built`, () => {
    assert.deepEqual(dev(copyOfDev(), ['test', ...args]), {
      status: 1, text: `dev: ./dev test takes --browser chromium or --browser firefox, or nothing, not ${args.join(' ')}\n` });
  });
}

test('what a suite skips is counted and its reasons are told', () => {
  const { text } = sourced(`LOGS=$(mktemp -d)
    suite_x() { echo 'ok 1 - a # SKIP no telephone'; echo 'ok 2 - b # SKIP no telephone'; echo '@counts 3 0 2'; }
    run_shown() { suite_x >"$2"; }
    run_suite X suite_x; print_summary 0`);
  assert.match(text, /X: 3 passed, \d+ s\n +2 skipped: no telephone\n/);
  assert.match(text, /^X +3 +0 +2 +\d+$/m);
  assert.match(text, /^3 passed, 0 failed, 2 skipped$/m);
});

test('a port that there is passes', () => {
  for (const port of ['1', '80', '8000', '65535']) assert.equal(sourced(`is_port ${port} && echo yes`).text, 'yes\n', port);
});

test('a folder that cannot be written in is named, with what helps', () => {
  const root = copyOfDev();
  writeFileSync(join(root, 'build'), 'a file where a folder should be');
  assert.deepEqual(dev(root, ['cli', 'help']), {
    status: 1,
    text: `dev: cannot write in ${root}/build/logs; logs and all that is built go to ${root}/build: give yourself the right to write there, or remove it\n`,
  });
  assert.equal(dev(root, ['help']).status, 0, 'help needs no folder');

  const cache = join(work, 'file', 'cache');
  writeFileSync(join(work, 'file'), '');
  assert.deepEqual(dev(copyOfDev(), ['cli', 'help'], { MMSCOPE_CACHE: cache }), {
    status: 1,
    text: `dev: cannot write in ${cache}; downloads and the compiler cache go there: give yourself the right to write in it, or set MMSCOPE_CACHE to another folder\n`,
  });
});

// Root may write everywhere: it becomes somebody else for this.
const asNobody = process.getuid() !== 0 ? [] : ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const canBeNobody = asNobody.length === 0 || spawnSync(asNobody[0], [...asNobody.slice(1), 'true']).status === 0;

test('a log folder without the right to write is told', { skip: !canBeNobody && 'there is no setpriv' }, () => {
  const root = copyOfDev();
  const logs = join(root, 'build', 'logs');
  chmodSync(work, 0o755);
  mkdirSync(logs, { recursive: true });
  chmodSync(logs, 0o555);
  const [command, ...args] = [...asNobody, './dev', 'cli', 'help'];
  const { status, text } = run(command, args, { cwd: root });
  assert.equal(status, 1);
  assert.ok(text.startsWith(`dev: cannot write in ${logs};`), text);
  assert.equal(text.trim().split('\n').length, 1, text);
});

test('what pack does not know is refused before anything is built', () => {
  assert.deepEqual(dev(copyOfDev(), ['pack', 'x']), { status: 1, text: 'dev: ./dev pack does not know x; it takes nothing, or --course LESSON... (docs/courses.md)\n' });
});

test('a course package of a lesson that is not there is refused before anything is built', () => {
  const { status, text } = run('./dev', ['pack', '--course', '02-buddy', 'no-such-lesson']);
  assert.equal(status, 2);
  assert.match(text, /^dev: there is no lesson no-such-lesson; .*\n$/);
});

// ---- the command line alone -----------------------------------------------------------------------------------------

test('what the command line is built with: no Dear ImGui, no SDL, nothing for tests', () => {
  const asked = 'need_packages() { echo "packages $*"; }; need_commands() { :; }; on_debian() { false; }; setup_source() { echo "source $1"; };';
  assert.equal(sourced(`${asked} setup_cli`).text, 'packages cli\nsource json\n');
  const all = 'packages native\nsource imgui\nsource sdl2\nsource benchmark\nsource zlib\nsource json\nsource googletest\n';
  assert.equal(sourced(`${asked} setup_native`).text, all);
  for (const command of ['run_cli help', 'run_oracle', 'generate_files']) {
    const built = `${asked} build() { echo "build $1 $3"; exit 0; };`;
    assert.equal(sourced(`${built} ${command}`).text, 'packages cli\nsource json\nbuild cli mmscope\n', command);
  }
});

const configure = (...args) => run('cmake', ['--preset', 'cli', '-B', join(work, 'build'), '-DFETCHCONTENT_FULLY_DISCONNECTED=ON', ...args]);

test('the command line is configured where there are no sources of Dear ImGui', { skip: !existsSync('/usr/include/nlohmann/json.hpp') && 'nlohmann_json is not installed' }, () => {
  const { status, text } = configure();
  assert.equal(status, 0, text);
  const ninja = readFileSync(join(work, 'build', 'build.ninja'), 'utf8');
  assert.match(ninja, /^build mmscope: phony|^build mmscope: CXX_EXECUTABLE_LINKER/m);
  assert.doesNotMatch(ninja, /imgui|mmscope_tests|mmscope_shell/);
});

test('tests without the views are refused', () => {
  const { status, text } = configure('-DMMSCOPE_TESTS=ON');
  assert.equal(status, 1);
  assert.match(text, /MMSCOPE_VIEWS=OFF builds the command line alone/);
});
