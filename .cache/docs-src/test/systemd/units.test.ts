import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { has, real } from '../fixtures/tools.js';
import { Box, bootMs, hasBox, inBox } from './box.js';

const root = path.resolve(import.meta.dirname, '../..');
const units = path.join(root, 'systemd');

describe('the units', () => {
  it('are one and the same but for the instance', () => {
    const single = readFileSync(path.join(units, 'anomalyd.service'), 'utf8').split('\n');
    const template = readFileSync(path.join(units, 'anomalyd@.service'), 'utf8').split('\n');
    const differing = template.filter((line, i) => line !== single[i] && !line.startsWith('#'));
    expect(template).toHaveLength(single.length);
    expect(differing.every((line) => line.includes('%i'))).toBe(true);
    expect(differing).toHaveLength(5);
  });

  it.skipIf(!has('systemd-analyze'))(real('give away little: exposure at most 1.5', 'systemd-analyze'), () => {
    for (const unit of ['anomalyd.service', 'anomalyd@.service']) {
      const command = ['security', '--offline=true', '--threshold=15', '--no-pager', path.join(units, unit)];
      const { status, stdout, stderr } = spawnSync('systemd-analyze', command, { encoding: 'utf8' });
      expect(`${stdout.match(/Overall exposure.*/)?.[0]}${stderr}`).toMatch(/: (0\.\d|1\.[0-5]) OK/);
      expect(status).toBe(0);
    }
  });
});

describe.skipIf(!hasBox)(inBox('in a real systemd'), () => {
  let box: Box;
  const built = mkdtempSync(path.join(tmpdir(), 'anomalyd-units-'));

  beforeAll(async () => {
    const sources = ['daemon/notify.ts', 'daemon/watchdog.ts', 'model/clock.ts'].map((file) => path.join(root, file));
    const compile = [
      '--ignoreConfig',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node',
      '--skipLibCheck',
    ];
    execFileSync(
      path.join(root, 'node_modules/.bin/tsc'),
      [...compile, '--rootDir', root, '--outDir', built, ...sources],
      { cwd: root },
    );
    chmodSync(built, 0o755);
    box = await Box.boot();
    const lib = '/usr/lib/anomalyd';
    box.copy(process.execPath, `${lib}/node`);
    box.copy(path.join(units, 'notify-exec'), `${lib}/notify-exec`);
    box.copy(built, `${lib}/dist`);
    box.write(`${lib}/dist/package.json`, '{"type":"module"}');
    box.copy(path.join(import.meta.dirname, 'stand-in.mjs'), `${lib}/dist/stand-in.mjs`);
    box.write(`${lib}/dist/daemon/cli.js`, `import '../stand-in.mjs';`);
    for (const unit of ['anomalyd.service', 'anomalyd@.service'])
      box.copy(path.join(units, unit), `/lib/systemd/system/${unit}`);
    box.write('/etc/anomalyd/config.yaml', '');
    box.write('/etc/anomalyd/secret/mqtt', 'sesame', 0o600);
    box.must('chmod', '700', '/etc/anomalyd/secret');
    // An address of a private network and one of the internet, both on the box's own loopback, to see which may be reached.
    for (const address of ['10.9.8.7', '203.0.113.7']) {
      execFileSync('nsenter', ['-t', String(box.pid), '-n', 'ip', 'address', 'add', `${address}/32`, 'dev', 'lo']);
    }
  }, bootMs);

  afterAll(async () => {
    await box?.[Symbol.asyncDispose]();
    rmSync(built, { recursive: true });
  });

  afterEach(() => {
    box.run('systemctl', 'stop', 'anomalyd', 'anomalyd@line1', 'anomalyd@line2');
    box.run('systemctl', 'reset-failed');
    box.run(
      'rm',
      '-rf',
      '/run/systemd/system/anomalyd.service.d',
      '/etc/default/anomalyd',
      '/var/lib/private/anomalyd',
    );
    box.must('systemctl', 'daemon-reload');
  });

  /** Starts the stand-in in a mode, with changes to the unit (to be quick), and gives the start's own result. */
  function start({ mode = '', service = '' } = {}) {
    box.write('/etc/default/anomalyd', `STAND_IN=${mode}\n`);
    box.write('/run/systemd/system/anomalyd.service.d/test.conf', `[Service]\n${service}\n`);
    box.must('systemctl', 'daemon-reload');
    return box.run('systemctl', 'start', 'anomalyd');
  }
  const show = (property: string) => box.property('anomalyd', property);
  const state = (file: string, unit = 'anomalyd') => readFileSync(box.path(`/var/lib/private/${unit}/${file}`), 'utf8');

  it('they verify without a word', () => {
    expect(
      box.run('systemd-analyze', 'verify', '--man=no', 'anomalyd.service', 'anomalyd@line1.service'),
    ).toMatchObject({ status: 0, output: '' });
  });

  it('start is done when the daemon says so, and its status is seen', () => {
    expect(start(), box.journal('anomalyd')).toMatchObject({ status: 0, output: '' });
    expect([show('ActiveState'), show('SubState'), show('StatusText')]).toEqual(['active', 'running', 'scoring']);
    expect(box.must('systemd-analyze', 'security', '--no-pager', 'anomalyd')).toMatch(
      /Overall exposure level for anomalyd.service: (0\.\d|1\.[0-5]) /,
    );
  });

  it('the daemon runs as nobody else, has its secret, writes its state only, starts no program, and reaches private networks only', () => {
    start();
    const { uid, ...seen } = JSON.parse(state('seen.json')) as Record<string, unknown>;
    expect(uid).toBeGreaterThan(60_000);
    expect(seen).toEqual({
      arguments: ['run', '--config', '/etc/anomalyd/config.yaml'],
      credential: 'sesame',
      secretFolder: 'EACCES',
      writeEtc: expect.stringMatching(/EROFS|EACCES/),
      writeUsr: expect.stringMatching(/EROFS|EACCES/),
      writeState: 'done',
      shell: 'EACCES',
      privateNetwork: 'ECONNREFUSED',
      internet: expect.stringMatching(/EPERM|timeout/),
    });
  });

  it('reload goes through the daemon, which keeps running', async () => {
    start();
    const pid = show('MainPID');
    box.must('systemctl', 'reload', 'anomalyd');
    await box.until('reload', () => show('StatusText') === 'reloaded 1');
    expect([show('ActiveState'), show('MainPID')]).toEqual(['active', pid]);
  });

  it('stop lets it drain', () => {
    start();
    box.must('systemctl', 'stop', 'anomalyd');
    expect(state('log')).toBe('start\ndrained\n');
    expect([show('ActiveState'), show('Result'), show('ExecMainStatus')]).toEqual(['inactive', 'success', '0']);
  });

  const quick = 'WatchdogSec=2\nRestartSec=200ms\nTimeoutStopSec=1';

  it.each([
    ['a stopped process (SIGSTOP)', ''],
    ['a blocked event loop', 'block'],
    ['a loop that turns while the work stands still', 'stuck'],
  ])('%s is killed by the watchdog and is active again', async (_what, mode) => {
    start({ mode, service: quick });
    const pid = show('MainPID');
    if (mode === '') box.must('systemctl', 'kill', '--kill-who=main', '-s', 'STOP', 'anomalyd');
    await box.until('restart', () => show('NRestarts') !== '0' && show('ActiveState') === 'active');
    expect(show('MainPID')).not.toBe(pid);
    expect(box.journal('anomalyd')).toContain('Watchdog timeout');
  });

  it('as long as work gets done nobody is killed', async () => {
    start({ service: quick });
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect([show('ActiveState'), show('NRestarts')]).toEqual(['active', '0']);
  });

  it('a bad config (exit code 78) is not tried again', async () => {
    expect(start({ mode: '78', service: 'RestartSec=200ms' }).status).not.toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect([show('ActiveState'), show('NRestarts'), show('ExecMainStatus')]).toEqual(['failed', '0', '78']);
    expect(box.journal('anomalyd')).toContain('config.yaml:3 (broker.url): is no URL');
  });

  it('a crash loop ends after five starts', async () => {
    start({ mode: 'crash', service: 'RestartSec=100ms' });
    await box.until('giving up', () => box.journal('anomalyd').includes('Start request repeated too quickly'));
    expect([show('ActiveState'), show('NRestarts')]).toEqual(['failed', '5']);
  });

  it('more memory than allowed ends it, not the machine', async () => {
    start({ mode: 'hungry', service: 'MemoryMax=120M\nRestart=no' });
    await box.until('the kill', () => show('ActiveState') === 'failed');
    expect(show('Result')).toMatch(/^(oom-kill|signal)$/); // the latter with version 1 of control groups
    expect(show('ExecMainStatus')).toBe('9');
  });

  it('instances keep apart: config, state, status', () => {
    box.must('systemctl', 'start', 'anomalyd@line1', 'anomalyd@line2');
    for (const line of ['line1', 'line2']) {
      expect(JSON.parse(state('seen.json', `anomalyd-${line}`))).toMatchObject({
        arguments: ['run', '--config', `/etc/anomalyd/${line}.yaml`],
      });
      expect(box.property(`anomalyd@${line}`, 'ActiveState')).toBe('active');
    }
  });
});
