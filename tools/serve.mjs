// A static file server for this machine only: for ./dev serve and the browser tests.
//
//   node tools/serve.mjs FOLDER [PORT]
//
// It sends no special headers, as the page must not need any, and lets nothing be cached, so that a reload shows what
// was built last.

import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.otf': 'font/otf',
};

// Serves `folder` under the path `base` ("/" or "/a/b/"). Resolves to { url, close }. Port 0 takes a free one.
export function startServer(folder, { port = 0, base = '/' } = {}) {
  const root = resolve(folder);
  const server = createServer((request, response) => {
    const file = fileOf(root, base, request.url);
    if (file === null) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found\n');
      return;
    }
    if (file.redirect) {
      response.writeHead(301, { Location: file.redirect }).end();
      return;
    }
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file.path)] ?? 'application/octet-stream',
      'Content-Length': file.size,
      'Cache-Control': 'no-store',
    });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file.path).pipe(response);
  });
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => {
      done({
        url: `http://127.0.0.1:${server.address().port}${base}`,
        close: () => new Promise((closed) => { server.close(closed); server.closeAllConnections(); }),
      });
    });
  });
}

function fileOf(root, base, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
  if (!path.startsWith(base)) return null;
  let file = resolve(root, `.${sep}${path.slice(base.length)}`);
  if (file !== root && !file.startsWith(root + sep)) return null;
  try {
    if (statSync(file).isDirectory()) {
      if (!path.endsWith('/')) return { redirect: `${path}/` };
      file = join(file, 'index.html');
    }
    return { path: file, size: statSync(file).size };
  } catch {
    return null;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, port = '8000'] = process.argv.slice(2);
  try {
    const { url } = await startServer(folder, { port: Number(port) });
    console.log(`mmscope: ${url}  (Ctrl+C ends)`);
  } catch (error) {
    const busy = error.code === 'EADDRINUSE';
    console.error(busy ? `port ${port} is in use; try ./dev serve --port ${Number(port) + 1}` : String(error));
    process.exitCode = 1;
  }
}
