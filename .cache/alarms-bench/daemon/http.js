/** The HTTP port: /metrics for Prometheus, /healthz (are we alive) and /readyz (do we score); plain node:http, on loopback unless told otherwise. */
import { createServer } from 'node:http';
import { UserError } from '../model/errors.js';
/** @throws UserError when the address can't be had */
export async function openHttp(options) {
    const pages = {
        '/metrics': async (response) => {
            const text = await options.metrics.text();
            response.writeHead(200, { 'content-type': options.metrics.contentType }).end(text);
        },
        '/healthz': (response) => answer(response, options.health()),
        '/readyz': (response) => answer(response, options.readiness()),
    };
    const server = createServer((request, response) => {
        const page = Object.hasOwn(pages, path(request.url)) ? pages[path(request.url)] : undefined;
        if (page === undefined)
            plain(response, 404, `There is ${Object.keys(pages).join(', ')}.`);
        else if (request.method !== 'GET' && request.method !== 'HEAD') {
            response.setHeader('allow', 'GET, HEAD');
            plain(response, 405, 'Only GET and HEAD.');
        }
        else
            Promise.resolve(page(response)).catch((error) => server.emit('error', error));
    });
    await listen(server, options);
    return {
        address: server.address(),
        close: () => new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
        }),
    };
}
function listen(server, { host, port }) {
    return new Promise((resolve, reject) => {
        server.once('error', (error) => {
            const where = `${host ?? 'every address'}, port ${port}`;
            const why = error.code === 'EADDRINUSE' ? 'another program listens there' : (error.code ?? error.message);
            reject(new UserError(`can't listen on ${where}: ${why}.`, { key: 'metrics.listen' }, 'Set another address, or `off`.', { cause: error }));
        });
        server.listen({ port, ...(host !== undefined && { host }) }, () => {
            server.removeAllListeners('error');
            resolve();
        });
    });
}
function path(url = '/') {
    return url.split('?', 1)[0] ?? '/';
}
function answer(response, { problems }) {
    plain(response, problems.length === 0 ? 200 : 503, problems.length === 0 ? 'ok' : problems.join('\n'));
}
function plain(response, status, text) {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    response.end(`${text}\n`);
}
