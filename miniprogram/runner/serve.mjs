/**
 * Serves the built mini program and proxies all other requests to the service, so that both have the same origin.
 *
 *   node runner/serve.mjs [--dir runner/dist] [--api http://127.0.0.1:8000] [--port 0]
 *
 * The first line of the output is the address.
 */

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const CONTENT_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
};

const { values } = parseArgs({
  options: { dir: { type: 'string' }, api: { type: 'string' }, port: { type: 'string', default: '0' } },
});
const root = path.resolve(values.dir ?? path.join(path.dirname(fileURLToPath(import.meta.url)), 'dist'));
const service = values.api ? new URL(values.api) : null;

/** The file that a request URL names, or null. Paths outside of the folder are rejected. */
function fileFor(url) {
  const name = decodeURIComponent(new URL(url, 'http://runner').pathname);
  const file = path.join(root, name === '/' ? 'index.html' : name);
  return file.startsWith(root + path.sep) && fs.existsSync(file) && fs.statSync(file).isFile() ? file : null;
}

function proxy(request, response) {
  if (!service) {
    response.writeHead(404).end('file not found; start with --api to proxy requests to the service');
    return;
  }
  const proxied = http.request(
    { host: service.hostname, port: service.port, method: request.method, path: request.url, headers: request.headers },
    (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, upstream.headers);
      upstream.pipe(response);
    },
  );
  proxied.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end(`the service is unreachable: ${error.message}`);
  });
  response.on('close', () => proxied.destroy());
  request.pipe(proxied);
}

const server = http.createServer((request, response) => {
  const file = request.method === 'GET' ? fileFor(request.url) : null;
  if (!file) {
    proxy(request, response);
    return;
  }
  response.writeHead(200, { 'Content-Type': CONTENT_TYPES[path.extname(file)] ?? 'application/octet-stream', 'Cache-Control': 'no-cache' });
  fs.createReadStream(file).pipe(response);
});

server.listen(Number(values.port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
