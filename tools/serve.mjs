// A static file server for this machine only: for ./dev serve and the browser tests.
//
//   node tools/serve.mjs FOLDER [PORT]
//
// `send` finds and reads the files. Where the build has put a smaller copy beside one (copies.mjs), that is sent, as hosts
// of static pages can; other files `compression` makes small on the way. It sends no headers that the page would need. A browser
// may keep a file and has to ask whether it is still so (no-cache, with the time and size of the file as its tag): a reload
// shows what was built last, and several frames of one page have its bytes once.

import { realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import compression from 'compression';
import send from 'send';
import { COPIES } from './copies.mjs';

// A part of a file is sent as it stands there: its range counts the bytes of the file.
const compress = compression({ filter: (request, response) => !request.headers.range && compression.filter(request, response) });

/** What was to be served is no folder: a wrong command line, not a server that fails. */
class NoFolder extends Error {}

function rootOf(folder) {
  if (!folder) throw new NoFolder('which folder? node tools/serve.mjs FOLDER [PORT]');
  let root;
  try {
    root = realpathSync(resolve(folder));
  } catch (error) {
    throw new NoFolder(error.code === 'ENOENT' ? `there is no folder ${folder}` : `${folder} cannot be opened: ${error.code}`);
  }
  if (!statSync(root).isDirectory()) throw new NoFolder(`${folder} is no folder`);
  return root;
}

// Serves `folder` under the path `base` ("/" or "/a/b/"). Resolves to { url, close }. Port 0 takes a free one. headers: more
// of them, for every answer.
export async function startServer(folder, { port = 0, base = '/', headers = {} } = {}) {
  const root = rootOf(folder);
  const server = createServer((request, response) => {
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    compress(request, response, () => answer(root, base, request, response));
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

function answer(root, base, request, response) {
  const [, path, query] = /^([^?#]*)(.*)$/s.exec(request.url);
  if (!['GET', 'HEAD'].includes(request.method)) return refuse(response, 405, { Allow: 'GET, HEAD' });
  if (!path.startsWith(base)) return refuse(response, 404);
  const name = path.slice(base.length - 1);
  const copies = request.headers.range ? [] : COPIES.filter(({ coding }) => accepts(request, coding));
  sendFirst(root, name, copies, request, response, (last) => refuse(response, 301, { Location: `./${last}/${query}` }));
}

// The first of the copies that is there, or the file itself.
function sendFirst(root, name, [copy, ...others], request, response, redirect) {
  const path = copy ? (name.endsWith('/') ? `${name}index.html` : name) + copy.suffix : name;
  const next = () => sendFirst(root, name, others, request, response, redirect);
  const stream = send(request, path, { root, cacheControl: false, lastModified: false });
  if (copy) {
    const { type } = stream;  // of the file, not of its copy
    stream.type = (found) => type.call(stream, found.slice(0, -copy.suffix.length));
    stream.on('headers', () => {
      response.setHeader('Content-Encoding', copy.coding);
      response.setHeader('Vary', 'Accept-Encoding');
    });
  }
  stream
    .on('directory', () => {
      if (copy) next();
      // Relative, and the name as it came: whatever stands in it, it leads to no other host.
      else redirect(name.slice(name.lastIndexOf('/') + 1));
    })
    .on('file', (file, stat) => {
      if (!stat.isFile() || !isInside(root, file)) refuse(response, 404);  // `send` sees that it is answered
    })
    .on('error', ({ status, headers }) => {
      if (copy && !response.headersSent) next();
      else refuse(response, status, headers);
    })
    .pipe(response);
}

function accepts(request, coding) {
  return (request.headers['accept-encoding'] ?? '').toLowerCase().split(',').some((part) => {
    const [name, ...parameters] = part.split(';').map((piece) => piece.trim());
    return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

// Not a link that leads out of the folder.
function isInside(root, file) {
  try {
    return realpathSync(file).startsWith(root + sep);
  } catch {
    return false;  // gone since it was found
  }
}

function refuse(response, status, headers = {}) {
  if (response.writableEnded) return;
  if (response.headersSent) {
    response.destroy();  // what was promised cannot be sent any more
    return;
  }
  for (const name of response.getHeaderNames()) {
    if (/^(content-|accept-ranges)/.test(name)) response.removeHeader(name);
  }
  response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }).end(`${status}\n`);
}

/** Why the server does not start, for the person. */
function whyNot(error, port) {
  if (error instanceof NoFolder) return error.message;
  if (error.code === 'EADDRINUSE') return `port ${port} is in use; try ./dev serve --port ${port < 65535 ? port + 1 : 8000}`;
  if (error.code === 'EACCES') return `port ${port} is not for everybody; try ./dev serve --port 8000`;
  if (error.code === 'ERR_SOCKET_BAD_PORT') return 'a port is a number from 1 to 65535';
  return String(error);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, text = '8000'] = process.argv.slice(2);
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : NaN;
  try {
    const { url } = await startServer(folder, { port });
    console.log(`mmscope: ${url}  (Ctrl+C ends)`);
  } catch (error) {
    console.error(`dev: ${whyNot(error, port)}`);
    process.exitCode = error instanceof NoFolder ? 2 : 1;
  }
}
