/** The HTTP port: the three pages, wrong paths and methods, a port that is taken. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Health, type HttpPort, openHttp } from '../../daemon/http.js';
import type { Metrics } from '../../daemon/metrics.js';
import { UserError } from '../../model/errors.js';

let port: HttpPort | undefined;
afterEach(() => port?.close());

async function* piecesOf(...pieces: string[]): AsyncGenerator<string> {
  yield* pieces;
}

async function open(
  health: Health = { problems: [] },
  readiness: Health = { problems: [] },
  pieces: Metrics['pieces'] = () => piecesOf('up 1\n'),
): Promise<string> {
  const metrics = { contentType: 'text/plain; version=0.0.4', pieces };
  port = await openHttp({
    host: '127.0.0.1',
    port: 0,
    metrics,
    health: () => health,
    readiness: () => readiness,
  });
  return `http://127.0.0.1:${port.address.port}`;
}

describe('http', () => {
  it('serves the metrics', async () => {
    const answer = await fetch(`${await open()}/metrics?x=1`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('version=0.0.4');
    expect(await answer.text()).toBe('up 1\n');
  });

  it('hands the names that are asked for on, and makes no more pieces once nobody reads', async () => {
    let made = 0;
    let asked: ReadonlySet<string> | undefined;
    async function* endless() {
      for (;;) {
        made++;
        yield 'x'.repeat(65_536);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const base = await open({ problems: [] }, { problems: [] }, (names) => {
      asked = names;
      return endless();
    });
    const gone = new AbortController();
    const answer = await fetch(`${base}/metrics?name[]=a_total&name%5B%5D=b`, { signal: gone.signal });
    expect([...(asked ?? [])]).toEqual(['a_total', 'b']);
    await answer.body?.getReader().read();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const unread = made;
    // Sockets and streams hold some.
    expect(unread).toBeLessThan(200);
    gone.abort();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(made).toBeLessThan(unread + 3);
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
  });

  it('says 200 when all is well and 503 with the reasons when not', async () => {
    const base = await open({ problems: [] }, { problems: ['not connected', 'no bundle'] });
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    const ready = await fetch(`${base}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toBe('not connected\nno bundle\n');
  });

  it('says 404 for other pages, inherited names included, and 405 for other methods', async () => {
    const base = await open();
    for (const path of ['/', '/nothing', '/constructor']) expect((await fetch(base + path)).status).toBe(404);
    const post = await fetch(`${base}/metrics`, { method: 'POST' });
    expect(post.status).toBe(405);
    expect(post.headers.get('allow')).toBe('GET, HEAD');
    const head = await fetch(`${base}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('names the address that is taken, and what to do', async () => {
    const taken = Number(new URL(await open()).port);
    const again = openHttp({
      host: '127.0.0.1',
      port: taken,
      metrics: { contentType: '', pieces: () => piecesOf('') },
      health: () => ({ problems: [] }),
      readiness: () => ({ problems: [] }),
    });
    await expect(again).rejects.toThrow(UserError);
    await expect(again).rejects.toThrow(`127.0.0.1, port ${taken}: another program listens there. Set another`);
  });
});
