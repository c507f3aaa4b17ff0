/** Nothing phones home: in a network namespace with nothing but a loopback, under strace, with a fresh HOME and CI unset. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, makeGateway } from '../fixtures/gateway.js';
import { freePort } from '../fixtures/mosquitto.js';
import { eventually, startProgram } from '../fixtures/program.js';
import { has, real } from '../fixtures/tools.js';

let gateway: Gateway;
let home: string;
beforeEach(async () => {
  gateway = await makeGateway(`mqtt://127.0.0.1:${await freePort()}`);
  home = mkdtempSync(path.join(tmpdir(), 'anomalyd-home-'));
});
afterEach(() => {
  gateway.remove();
  rmSync(home, { recursive: true, force: true });
});

const debugFiles = () => readdirSync('/tmp').filter((name) => name.startsWith('mat-debug'));

describe.skipIf(!has('strace'))(real('no telemetry', 'strace'), () => {
  it('opens no socket beyond loopback, and no file in HOME or beside mat-debug in /tmp', async () => {
    const trace = path.join(gateway.dir, 'trace');
    const before = debugFiles();
    const program = startProgram(['run', '--config', gateway.configFile], {
      under: ['strace', '-f', '-qq', '-e', 'trace=socket,connect,sendto,openat,creat,mkdir', '-o', trace],
      // An environment in which onnxruntime would phone home: with CI set it keeps quiet by itself.
      env: { HOME: home, XDG_CACHE_HOME: undefined, CI: undefined, ORT_DISABLE_TELEMETRY: undefined },
    });
    // The worker has answered: sessions are open and have run their golden vectors.
    await eventually(
      'the bundles',
      async () => {
        const page = await gateway.page('/readyz').catch(() => undefined);
        return page?.text === 'not connected to the broker\n';
      },
      60_000,
    );
    // The library would wait a moment before its first call home.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const strace = program.child;
    const lines = readFileSync(trace, 'utf8').split('\n');
    const own = /^(\d+)/.exec(lines[0] ?? '')?.[1];
    process.kill(Number(own), 'SIGTERM');
    await program.ended;
    expect(strace.exitCode).toBe(0);
    const all = readFileSync(trace, 'utf8').split('\n');
    expect(all.some((line) => line.includes('onnxruntime_binding.node'))).toBe(true);
    const connects = all.filter((line) => /\b(connect|sendto)\(/.test(line) && line.includes('sa_family'));
    expect(connects.length).toBeGreaterThan(0);
    expect(connects.filter((line) => !/AF_UNIX|inet_addr\("127\.0\.0\.1"\)|"::1"/.test(line))).toEqual([]);
    const made = all.filter((line) => /O_CREAT|\b(creat|mkdir)\(/.test(line) && !/ENOENT|EEXIST|EACCES/.test(line));
    expect(made.filter((line) => !line.includes(gateway.dir))).toEqual([]);
    expect(readdirSync(home)).toEqual([]);
    expect(debugFiles()).toEqual(before);
  });
});

describe.skipIf(!has('unshare', 'root'))(real('without any network', 'unshare', 'root'), () => {
  it('opens its bundles and is alive', async () => {
    const program = startProgram(['bundle', 'verify', path.join(gateway.dir, 'bundle')], {
      under: ['unshare', '--net'],
      env: { HOME: home, CI: undefined, ORT_DISABLE_TELEMETRY: undefined },
    });
    expect(await program.ended).toBe(0);
    expect(program.stdout()).toContain('2 graphs, 2 golden vectors');
    expect(readdirSync(home)).toEqual([]);
  });
});
