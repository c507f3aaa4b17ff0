import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNotifier, notifyDescriptor } from '../../daemon/notify.js';
import { ManualClock, systemClock } from '../../model/clock.js';
import { has, real } from '../fixtures/tools.js';

function recorder(env: Record<string, string>, fail?: Error) {
  const sent: [number, string][] = [];
  const errors: unknown[] = [];
  const notifier = createNotifier({
    env,
    pid: 42,
    clock: new ManualClock(1234.5678),
    write: (fd, text) => {
      if (fail) throw fail;
      sent.push([fd, text]);
    },
    onError: (error) => errors.push(error),
  });
  return { notifier, sent, errors };
}

describe('the descriptor', () => {
  it.each([
    ['the launcher', { NOTIFY_FD: '5' }, 5],
    ['OpenFile=', { LISTEN_PID: '42', LISTEN_FDS: '2', LISTEN_FDNAMES: 'other:notify' }, 4],
    ['nobody', {}, undefined],
    ['OpenFile= for another process', { LISTEN_PID: '41', LISTEN_FDS: '1', LISTEN_FDNAMES: 'notify' }, undefined],
    ['a socket of another name', { LISTEN_PID: '42', LISTEN_FDS: '1', LISTEN_FDNAMES: 'http' }, undefined],
    ['a name beyond the descriptors', { LISTEN_PID: '42', LISTEN_FDS: '1', LISTEN_FDNAMES: 'a:notify' }, undefined],
    ['nonsense', { NOTIFY_FD: 'three' }, undefined],
  ])('from %s', (_who, env, fd) => {
    expect(notifyDescriptor({ env, pid: 42 })).toBe(fd);
  });
});

describe('createNotifier', () => {
  it('speaks the protocol, one datagram a call', () => {
    const { notifier, sent } = recorder({ NOTIFY_FD: '3' });
    notifier.ready('scoring 3 assets');
    notifier.reloading();
    notifier.alive();
    notifier.status('two\nlines');
    notifier.stopping('draining');
    expect(sent).toEqual([
      [3, 'READY=1\nSTATUS=scoring 3 assets'],
      [3, 'RELOADING=1\nMONOTONIC_USEC=1234567'],
      [3, 'WATCHDOG=1'],
      [3, 'STATUS=two lines'],
      [3, 'STOPPING=1\nSTATUS=draining'],
    ]);
  });

  it('is silent without a service manager', () => {
    const { notifier, sent } = recorder({ WATCHDOG_USEC: '1000000' });
    notifier.ready('ready');
    notifier.alive();
    expect(sent).toEqual([]);
    expect(notifier.watchdogMs).toBeUndefined();
  });

  it.each([
    [{ WATCHDOG_USEC: '2500000' }, 2500],
    [{ WATCHDOG_USEC: '2500000', WATCHDOG_PID: '42' }, 2500],
    [{ WATCHDOG_USEC: '2500000', WATCHDOG_PID: '7' }, undefined],
    [{}, undefined],
    [{ WATCHDOG_USEC: '0' }, undefined],
  ])('knows how often to ping: %j', (env, ms) => {
    expect(recorder({ NOTIFY_FD: '3', ...env }).notifier.watchdogMs).toBe(ms);
  });

  it('never throws, and tells of a lost datagram once', () => {
    const { notifier, errors } = recorder({ NOTIFY_FD: '3' }, new Error('ECONNREFUSED'));
    notifier.alive();
    notifier.alive();
    expect(errors).toHaveLength(1);
  });
});

describe('systemClock', () => {
  it("is the kernel's CLOCK_MONOTONIC, as RELOADING=1 needs it", () => {
    const kernel = spawnSync('perl', ['-MTime::HiRes', '-e', 'print Time::HiRes::clock_gettime(1)'], {
      encoding: 'utf8',
    });
    expect(Math.abs(Number(kernel.stdout) * 1000 - systemClock.monotonic())).toBeLessThan(2000);
  });
});

describe.skipIf(!has('perl'))(real('notify-exec', 'perl'), () => {
  const launcher = path.resolve(import.meta.dirname, '../../systemd/notify-exec');
  const folder = mkdtempSync(path.join(tmpdir(), 'anomalyd-notify-'));
  const program = path.join(folder, 'program.mjs');
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    writeFileSync(
      program,
      `import { writeSync } from 'node:fs';
       writeSync(Number(process.env.NOTIFY_FD), 'READY=1\\nSTATUS=' + process.pid + ' ' + process.argv.slice(2).join('|'));`,
    );
  });

  /** A receiver bound to `address`, which prints the first datagram; then the launcher with a Node that sends one. */
  async function send(address: string) {
    const receive = `use Socket; socket(S, PF_UNIX, SOCK_DGRAM, 0); my $p = $ARGV[0]; $p =~ s/^@/\\0/;
      bind(S, pack_sockaddr_un($p)) or die $!; $| = 1; print "bound\\n"; alarm 20; recv(S, my $d, 4096, 0); print $d;`;
    const receiver = spawn('perl', ['-e', receive, address], { stdio: ['ignore', 'pipe', 'inherit'] });
    let received = '';
    receiver.stdout.on('data', (data: Buffer) => {
      received += data.toString();
    });
    const ended = once(receiver, 'exit');
    await once(receiver.stdout, 'data');
    const sender = spawn(launcher, [process.execPath, program, 'a b', 'c'], {
      env: { ...process.env, NOTIFY_SOCKET: address },
    });
    await ended;
    return { received, pid: sender.pid };
  }

  it.each([
    ['a socket in the file system', path.join(folder, 'notify')],
    ['an abstract socket', `@anomalyd-test-${process.pid}`],
  ])('gives Node %s, under the same pid and with its arguments', async (_kind, address) => {
    const { received, pid } = await send(address);
    expect(received).toBe(`bound\nREADY=1\nSTATUS=${pid} a b|c`);
  });

  it('runs the command without a service manager, and passes its exit code on', () => {
    const env = { ...process.env };
    delete env.NOTIFY_SOCKET;
    const run = spawnSync(
      launcher,
      [process.execPath, '-e', 'process.exit(process.env.NOTIFY_FD === undefined ? 78 : 1)'],
      { env },
    );
    expect(run.status).toBe(78);
  });

  it('says what it can not do', () => {
    expect(spawnSync(launcher, ['/nowhere/node'], { encoding: 'utf8' }).stderr).toBe(
      'notify-exec: /nowhere/node: No such file or directory\n',
    );
    expect(readFileSync(launcher, 'utf8').split('\n').length).toBeLessThan(30);
  });
});
