// The server of ./dev serve and of the browser tests: what it sends, and that no request ends it or leads out of its folder.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { startServer } from '../../tools/serve.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const SERVE = join(ROOT, 'tools', 'serve.mjs');
const LONG = JSON.stringify({ text: 'all work and no play '.repeat(500) });
const WASM = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

const work = mkdtempSync(join(tmpdir(), 'mmscope-serve-'));
const site = join(work, 'dist');
after(() => rmSync(work, { recursive: true, force: true }));

function makeSite() {
  for (const folder of ['schema', 'empty', 'index.html.d/index.html', 'copied', 'a.txt.br']) mkdirSync(join(site, folder), { recursive: true });
  mkdirSync(join(work, 'dist-secret'));
  const files = {
    'dist/index.html': '<!doctype html><title>page</title>', 'dist/schema/index.html': 'schema', 'dist/schema/a.json': LONG,
    'dist/a.js': 'export {};', 'dist/a.mjs': 'export {};', 'dist/a.css': 'a{}', 'dist/a.txt': '0123456789', 'dist/a.md': '# a',
    'dist/a.svg': '<svg/>', 'dist/a.wasm': WASM, 'dist/a.ttf': 'ttf', 'dist/a.webmanifest': '{}', 'dist/none': 'none',
    'dist/copied.wasm': 'itself', 'dist/copied.wasm.br': 'as br', 'dist/copied.wasm.gz': 'as gzip',
    'dist/copied/index.html': 'page', 'dist/copied/index.html.br': 'page as br', 'dist/gz.txt': 'itself', 'dist/gz.txt.gz': 'as gzip',
    'dist/a.txt.br/x': 'folder', 'dist/linked.txt': 'itself',
    'dist/中.txt': 'middle', 'dist/a b%.txt': 'percent', 'dist/.hidden': 'hidden', 'dist-secret/key.txt': 'secret', 'key.txt': 'secret',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(work, name), text);
  symlinkSync(join(work, 'key.txt'), join(site, 'out.txt'));
  symlinkSync(join(work, 'dist-secret'), join(site, 'outside'));
  symlinkSync(join(work, 'key.txt'), join(site, 'linked.txt.br'));
  symlinkSync('a.txt', join(site, 'inside.txt'));
  symlinkSync('loop.txt', join(site, 'loop.txt'));
  execFileSync('mkfifo', [join(site, 'pipe.txt')]);
}

let server;
let port;
before(async () => {
  makeSite();
  server = await startServer(site);
  port = Number(new URL(server.url).port);
});
after(() => server.close());

// Sends bytes as they are, where a client would mend them first. { status, headers, body } of the answer.
function raw(request, to = port) {
  return new Promise((done, failed) => {
    const chunks = [];
    const socket = connect(to, '127.0.0.1', () => socket.write(request));
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', failed);
    socket.on('end', () => {
      const all = Buffer.concat(chunks);
      const at = all.indexOf('\r\n\r\n');
      const [first, ...lines] = all.subarray(0, at).toString('latin1').split('\r\n');
      const headers = Object.fromEntries(lines.map((line) => [line.split(':')[0].toLowerCase(), line.slice(line.indexOf(':') + 2)]));
      done({ status: Number(first.split(' ')[1]), headers, body: all.subarray(at + 4) });
    });
  });
}
const get = (path, lines = [], method = 'GET', to = port) =>
  raw(Buffer.from([`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...lines, '', ''].join('\r\n'), 'latin1'), to);

describe('what is sent', () => {
  for (const [name, type] of [
    ['', 'text/html; charset=utf-8'], ['a.js', 'text/javascript; charset=utf-8'], ['a.mjs', 'text/javascript; charset=utf-8'],
    ['a.css', 'text/css; charset=utf-8'], ['schema/a.json', 'application/json; charset=utf-8'], ['a.txt', 'text/plain; charset=utf-8'],
    ['a.svg', 'image/svg+xml'], ['a.wasm', 'application/wasm'], ['a.ttf', 'font/ttf'],
    ['a.webmanifest', 'application/manifest+json; charset=utf-8'], ['none', 'application/octet-stream'],
  ]) {
    test(`/${name} is ${type}, is asked for again and not guessed`, async () => {
      const { status, headers } = await get(`/${name}`);
      assert.equal(status, 200);
      assert.equal(headers['content-type'].toLowerCase(), type);
      assert.equal(headers['cache-control'], 'no-cache');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['last-modified'], undefined);
      const again = await get(`/${name}`, [`If-None-Match: ${headers.etag}`]);
      assert.deepEqual([again.status, again.body.length], [304, 0], 'nothing is sent twice');
    });
  }

  test('names with letters beyond ASCII, spaces and percent signs', async () => {
    assert.equal((await get('/%E4%B8%AD.txt')).body.toString(), 'middle');
    assert.equal((await get('/a%20b%25.txt?x=1')).body.toString(), 'percent');
  });

  test('HEAD tells the size and sends nothing', async () => {
    const { status, headers, body } = await get('/a.txt', [], 'HEAD');
    assert.deepEqual([status, headers['content-length'], body.length], [200, '10', 0]);
    const missing = await get('/not-there', [], 'HEAD');
    assert.deepEqual([missing.status, missing.body.length], [404, 0]);
  });

  for (const [name, unpack] of [['gzip', gunzipSync], ['br', brotliDecompressSync]]) {
    test(`${name} where it is asked for`, async () => {
      // HTTP/1.0: an answer without chunks.
      const { headers, body } = await raw(`GET /schema/a.json HTTP/1.0\r\nAccept-Encoding: ${name}\r\n\r\n`);
      assert.equal(headers['content-encoding'], name);
      assert.ok(body.length < LONG.length / 10, `${body.length} of ${LONG.length} bytes`);
      assert.equal(unpack(body).toString(), LONG);
      const plain = await get('/schema/a.json');
      assert.equal(plain.headers['content-encoding'], undefined);
      assert.equal(plain.body.toString(), LONG);
    });
  }

  // What stands beside a file is sent as it is: here the copies say which they are.
  for (const [asked, sent, body] of [
    ['br, gzip', 'br', 'as br'], ['gzip, deflate, br;q=0.5, zstd', 'br', 'as br'], ['GZIP', 'gzip', 'as gzip'],
    ['br;q=0, gzip', 'gzip', 'as gzip'], ['br; q=0.000', undefined, 'itself'], ['deflate', undefined, 'itself'],
    ['brr, xgzip', undefined, 'itself'], ['', undefined, 'itself'], [`${'br;'.repeat(3000)}q=0`, undefined, 'itself'],
  ]) {
    test(`the copy beside a file, for Accept-Encoding: ${asked.slice(0, 40)}`, async () => {
      const { status, headers, body: got } = await get('/copied.wasm', [`Accept-Encoding: ${asked}`]);
      assert.equal(status, 200);
      assert.equal(headers['content-encoding'], sent);
      assert.equal(headers['content-type'], 'application/wasm');
      assert.equal(headers['content-length'], String(body.length));
      assert.equal(headers['cache-control'], 'no-cache');
      const again = await get('/copied.wasm', [`Accept-Encoding: ${asked}`, `If-None-Match: ${headers.etag}`]);
      assert.deepEqual([again.status, again.body.length], [304, 0]);
      if (sent) assert.equal(headers.vary, 'Accept-Encoding');
      assert.equal(got.toString(), body);
    });
  }

  test('the copy of a folder\'s page, of one that is only in gzip, and the head of one', async () => {
    const both = ['Accept-Encoding: br, gzip'];
    const page = await get('/copied/', both);
    assert.deepEqual([page.headers['content-encoding'], page.headers['content-type'], page.body.toString()],
      ['br', 'text/html; charset=utf-8', 'page as br']);
    const only = await get('/gz.txt', both);
    assert.deepEqual([only.headers['content-encoding'], only.headers['content-type'], only.body.toString()],
      ['gzip', 'text/plain; charset=utf-8', 'as gzip']);
    const head = await get('/copied.wasm', both, 'HEAD');
    assert.deepEqual([head.headers['content-encoding'], head.headers['content-length'], head.body.length], ['br', '5', 0]);
    assert.equal((await get('/copied', both)).headers.location, './copied/');
  });

  test('a part of a file with copies is a part of the file', async () => {
    const { status, headers, body } = await get('/copied.wasm', ['Range: bytes=1-3', 'Accept-Encoding: br']);
    assert.deepEqual([status, headers['content-encoding'], body.toString()], [206, undefined, 'tse']);
  });

  test('a copy that is no file, or leads out of the folder', async () => {
    assert.equal((await get('/a.txt', ['Accept-Encoding: br'])).body.toString(), '0123456789', 'its copy is a folder');
    assert.ok(!(await get('/linked.txt', ['Accept-Encoding: br'])).body.includes('secret'));
  });

  for (const [range, status, told, text] of [
    ['bytes=2-4', 206, 'bytes 2-4/10', '234'], ['bytes=-3', 206, 'bytes 7-9/10', '789'], ['bytes=8-', 206, 'bytes 8-9/10', '89'],
    ['bytes=0-0', 206, 'bytes 0-0/10', '0'], ['bytes=5-2', 416, 'bytes */10', null], ['bytes=10-', 416, 'bytes */10', null],
    ['bytes=x-y', 200, undefined, '0123456789'], ['lines=1-2', 200, undefined, '0123456789'], ['bytes=0-1,3-4', 200, undefined, '0123456789'],
    ['bytes=1-99999999999999999999999999', 206, 'bytes 1-9/10', '123456789'],
  ]) {
    test(`Range: ${range}`, async () => {
      const answer = await get('/a.txt', [`Range: ${range}`, 'Accept-Encoding: gzip, br']);
      assert.equal(answer.status, status);
      assert.equal(answer.headers['content-range'], told);
      if (text !== null) assert.equal(answer.body.toString(), text);
    });
  }

  test('a part of a large file is a part of the file as it stands there', async () => {
    const { status, headers, body } = await get('/schema/a.json', ['Range: bytes=100-4099', 'Accept-Encoding: gzip']);
    assert.equal(status, 206);
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(body.toString(), LONG.slice(100, 4100));
  });

  test('only GET and HEAD', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status, headers } = await get('/a.txt', [], method);
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
    }
  });
});

describe('folders', () => {
  test('a folder is redirected to its name with a slash, by a name that is relative', async () => {
    const { status, headers } = await get('/schema?a=b');
    assert.deepEqual([status, headers.location], [301, './schema/?a=b']);
    assert.equal((await get('/schema/')).body.toString(), 'schema');
  });
  test('a folder without a page is not listed', async () => assert.equal((await get('/empty/')).status, 404));
  test('a folder that is named as a page', async () => {
    assert.equal((await get('/index.html.d/')).status, 404);
    assert.equal((await get('/index.html.d/index.html')).headers.location, './index.html/');
    assert.equal((await get('/index.html.d/index.html/')).status, 404);
  });

  test('a base path: only what is below it', async () => {
    const based = await startServer(site, { base: '/a/b/' });
    try {
      const to = Number(new URL(based.url).port);
      assert.equal(new URL(based.url).pathname, '/a/b/');
      assert.equal((await get('/a/b/a.txt', [], 'GET', to)).body.toString(), '0123456789');
      assert.equal((await get('/a/b/', [], 'GET', to)).status, 200);
      assert.equal((await get('/a/b/schema', [], 'GET', to)).headers.location, './schema/');
      for (const path of ['/', '/a.txt', '/a/', '/a/bb/a.txt', '/a/b']) assert.equal((await get(path, [], 'GET', to)).status, 404, path);
    } finally {
      await based.close();
    }
  });
});

// Whatever is asked: an answer, nothing from elsewhere, no way to another host, and the server still there.
describe('hostile requests', () => {
  for (const [path, allowed] of Object.entries({
    '/%E4%B8%AD%2f..%2fschema': [301], '/%0d%0aX%2f..%2fschema': [301], '/%2fexample.org%2f..%2fschema': [301],
    '//example.org/..%2f..%2fschema': [301, 403], '//example.org%2f..%2fschema': [301], '//schema': [301], '/javascript:%2f..%2fschema': [301],
    '/\\example.org%5c..%5cschema': [403, 404], '/%5c%5cexample.org': [404],
    '/../key.txt': [403], '/..%2fkey.txt': [403], '/%2e%2e/key.txt': [403], '/%2e%2e%2fkey.txt': [403], '/schema/../../key.txt': [403],
    '/..%5ckey.txt': [403], '/../dist-secret/key.txt': [403], '/..%2fdist-secret%2fkey.txt': [403], '/....//key.txt': [404],
    '/%252e%252e%252fkey.txt': [404], '/%c0%ae%c0%ae/key.txt': [400], '//etc/passwd': [404], '/%2fetc%2fpasswd': [404],
    '/%': [400], '/%zz': [400], '/%e4': [400], '/%u0041': [400], '/a.txt%00': [400], '/%00': [400], '/a.txt%00.js': [400],
    '/\xe4\xb8\xad.txt': [400], '/.hidden': [404], '/.git/config': [404], '/a.txt/': [404], '/a.txt/b': [404],
    '/out.txt': [404], '/outside/key.txt': [404], '/outside': [301], '/outside/': [404], '/loop.txt': [500], '/pipe.txt': [404],
    ['/x'.repeat(2000)]: [404], [`/${'x'.repeat(5000)}`]: [404], [`/${'x'.repeat(200_000)}`]: [431], '*': [404], 'http://example.org/schema': [404],
    'example.org:80': [400], [`/schema?${'a&'.repeat(7000)}`]: [301],
  })) {
    test(`GET ${path.length > 60 ? `${path.slice(0, 30)}… (${path.length} bytes)` : JSON.stringify(path)}`, async () => {
      const { status, headers, body } = await get(path);
      assert.ok(allowed.includes(status), `${status} is one of ${allowed}`);
      assert.ok(!body.includes('secret'), 'nothing from outside of the folder');
      if (headers.location) {
        const target = new URL(headers.location, `http://127.0.0.1:${port}${path.startsWith('/') ? path : '/'}`);
        assert.match(headers.location, /^\.\//);
        assert.equal(target.host, `127.0.0.1:${port}`);
      }
      assert.equal((await get('/a.txt')).body.toString(), '0123456789', 'the next request is answered');
    });
  }

  test('a link inside of the folder is followed', async () => assert.equal((await get('/inside.txt')).body.toString(), '0123456789'));

  test('what is no HTTP at all', async () => {
    for (const bytes of ['\r\n\r\n', 'hello\r\n\r\n', 'GET /a b c HTTP/1.1\r\n\r\n', 'GET /a.txt HTTP/1.1\r\nBad header\r\n\r\n',
      'GET /a.txt\0 HTTP/1.1\r\nHost: x\r\n\r\n', `GET /a.txt HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`]) {
      const { status } = await raw(bytes.length > 4 ? bytes : `${bytes}x\r\n\r\n`);
      assert.ok(status === 400 || status === 431, `${JSON.stringify(bytes.slice(0, 30))}: ${status}`);
    }
    assert.equal((await get('/a.txt')).status, 200);
  });

  test('a client that goes away in the middle', async () => {
    writeFileSync(join(site, 'large.bin'), Buffer.alloc(32 << 20));
    for (let i = 0; i < 5; ++i) {
      await new Promise((closed) => {
        const socket = connect(port, '127.0.0.1', () => socket.write('GET /large.bin HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br\r\n\r\n'));
        socket.once('data', () => socket.destroy());
        socket.on('close', closed);
      });
    }
    assert.equal((await get('/a.txt')).status, 200);
  });

  test('a file that comes and goes while it is asked for', async () => {
    const path = join(site, 'brief.txt');
    const statuses = new Set();
    for (let i = 0; i < 40; ++i) {
      writeFileSync(path, LONG);
      const asked = get('/brief.txt');
      await new Promise((turn) => { setTimeout(turn, i % 4); });
      rmSync(path);
      statuses.add((await asked).status);
    }
    for (const status of statuses) assert.ok([200, 404].includes(status), String(status));
    assert.equal((await get('/a.txt')).status, 200);
  });
});

describe('as a command', () => {
  const run = (...args) => {
    const child = spawn(process.execPath, [SERVE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let told = '';
    const ended = new Promise((done) => { child.on('close', (code) => done({ code, told })); });
    const said = new Promise((done) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data) => {
          told += data;
          done(told);
        });
      }
    });
    return { child, ended, said };
  };

  test('says where it is, and a second one on the same port says what to do', async () => {
    const free = await startServer(site);
    const at = new URL(free.url).port;
    await free.close();
    const first = run(site, at);
    try {
      assert.equal(await first.said, `mmscope: http://127.0.0.1:${at}/  (Ctrl+C ends)\n`);
      const second = await run(site, at).ended;
      assert.equal(second.code, 1);
      assert.equal(second.told, `dev: port ${at} is in use; try ./dev serve --port ${Number(at) + 1}\n`);
      assert.equal((await get('/a.txt', [], 'GET', Number(at))).status, 200, 'the first one serves on');
    } finally {
      first.child.kill();
      await first.ended;
    }
  });

  for (const bad of ['x', '0', '-1', '65536', '99999', '8000x', '1e3']) {
    test(`port ${bad} is refused`, async () => {
      assert.deepEqual(await run(site, bad).ended, { code: 1, told: 'dev: a port is a number from 1 to 65535\n' });
    });
  }

  test('a folder that is not given, not there, or no folder', async () => {
    const missing = join(work, 'not-there');
    const file = join(site, 'a.txt');
    for (const [words, told] of [
      [[], 'which folder? node tools/serve.mjs FOLDER [PORT]'],
      [[''], 'which folder? node tools/serve.mjs FOLDER [PORT]'],
      [[missing], `there is no folder ${missing}`],
      [[file], `${file} is no folder`],
      [[join(file, 'x')], `${join(file, 'x')} cannot be opened: ENOTDIR`],
    ]) {
      assert.deepEqual(await run(...words).ended, { code: 2, told: `dev: ${told}\n` });
    }
  });

  test('listens to this machine alone', { skip: !existsSync('/proc/net/tcp') && 'there is no /proc/net/tcp' }, () => {
    const open = readFileSync('/proc/net/tcp', 'latin1') + readFileSync('/proc/net/tcp6', 'latin1');
    const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const listening = open.split('\n').map((line) => line.trim().split(/\s+/)).filter((row) => row[1]?.endsWith(hex) && row[3] === '0A');
    assert.deepEqual(listening.map((row) => row[1]), [`0100007F${hex}`]);
  });
});
