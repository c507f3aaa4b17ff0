/** The HTTP port: /metrics for Prometheus, /healthz (are we alive) and /readyz (do we score); plain node:http, on loopback unless told otherwise. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../model/errors.js';
import type { Metrics } from './metrics.js';

/** The answer to a health question: fine if `problems` is empty. */
export interface Health {
  readonly problems: readonly string[];
}

export interface HttpOptions {
  /** Undefined = every address. */
  readonly host?: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly metrics: Metrics;
  readonly health: () => Health;
  readonly readiness: () => Health;
}

export interface HttpPort {
  readonly address: AddressInfo;
  close(): Promise<void>;
}

type Page = (response: ServerResponse, query: URLSearchParams) => Promise<void> | void;

/** @throws UserError when the address can't be had */
export async function openHttp(options: HttpOptions): Promise<HttpPort> {
  const pages: Readonly<Record<string, Page>> = {
    '/metrics': (response, query) => {
      // As other exporters have it: `?name[]=...` for single metrics.
      const names = query.has('name[]') ? new Set(query.getAll('name[]')) : undefined;
      response.writeHead(200, { 'content-type': options.metrics.contentType });
      return send(response, options.metrics.pieces(names));
    },
    '/healthz': (response) => answer(response, options.health()),
    '/readyz': (response) => answer(response, options.readiness()),
  };
  const server = createServer((request, response) => {
    const [path = '/', query] = (request.url ?? '/').split('?', 2);
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page === undefined) plain(response, 404, `There is ${Object.keys(pages).join(', ')}.`);
    else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      plain(response, 405, 'Only GET and HEAD.');
    } else
      Promise.resolve(page(response, new URLSearchParams(query))).catch((error: unknown) =>
        server.emit('error', error),
      );
  });
  await listen(server, options);
  return {
    address: server.address() as AddressInfo,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${host ?? 'every address'}, port ${port}`;
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : (error.code ?? error.message);
      reject(
        new UserError(
          `can't listen on ${where}: ${why}.`,
          { key: 'metrics.listen' },
          'Set another address, or `off`.',
          { cause: error },
        ),
      );
    });
    server.listen({ port, ...(host !== undefined && { host }) }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

/** No faster than they are read, and no further once nobody reads. */
async function send(response: ServerResponse, pieces: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces, { highWaterMark: 1 }), response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

function answer(response: ServerResponse, { problems }: Health): void {
  plain(response, problems.length === 0 ? 200 : 503, problems.length === 0 ? 'ok' : problems.join('\n'));
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${text}\n`);
}
