import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bashCompletion, manPage, parseHelp, readManual } from '../../deploy/debian/manual.js';
import { writeBundle } from '../../model/bundle.js';
import { channelNames, makeBundle } from '../fixtures/bundle.js';
import { has, real } from '../fixtures/tools.js';
import { Box, bootMs, hasBox, inBox } from '../systemd/box.js';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'anomalyd-deb-'));
const sh = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8' });
const run = promisify(execFile);

const bundle = path.join(folder, 'bundle');

/** Builds the package without compression, which takes a minute and proves nothing. */
async function build(arch: string): Promise<string> {
  const output = mkdtempSync(path.join(folder, 'out-'));
  const args = ['--arch', arch, '--bundle', bundle, '--output', output, '--quick'];
  const { stdout } = await run(path.join(root, 'deploy/debian/build'), args);
  return stdout.trim();
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the manual', () => {
  const help = {
    '': 'Usage: anomalyd [options] [command]\n\nWatches machines: all\nof them.\n\nOptions:\n  -V, --version  print it\n\nCommands:\n  show [options] <dir>  look\n  help [command]  help\n',
    show: 'Usage: anomalyd show [options] <dir>\n\nlook - closely\n\nArguments:\n  dir     where\n\nOptions:\n  --json  as it\n          is\n',
  };
  const manual = readManual((args) => help[args.slice(0, -1).join(' ') as keyof typeof help]);

  it('is read from what the program says of itself', () => {
    const { usage, description, sections } = parseHelp(help.show);
    expect([usage, description]).toEqual(['anomalyd show [options] <dir>', 'look - closely']);
    expect(Object.fromEntries(sections)).toEqual({
      Arguments: [{ term: 'dir', text: 'where' }],
      Options: [{ term: '--json', text: 'as it is' }],
    });
  });

  it('names every command and option, with dashes that can be copied', () => {
    const page = manPage(manual, '1.2.3');
    expect(page).toContain('anomalyd \\- watches machines');
    expect(page).toContain('.SS anomalyd show\n');
    expect(page).toContain('.B \\-\\-json\nas it is');
    expect(page).not.toContain('help');
  });

  it.each([
    [
      ['anomalyd', ''],
      ['show', '-V', '--version'],
    ],
    [['anomalyd', 'sh'], ['show']],
    [['anomalyd', 'show', '-'], ['--json']],
    [['anomalyd', 'show', '--', 'x'], ['xylophone']],
  ])('completes %j', (words, expected) => {
    const script = `${bashCompletion(manual)}\ncd "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _anomalyd; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const here = mkdtempSync(path.join(folder, 'complete-'));
    writeFileSync(path.join(here, 'xylophone'), '');
    expect(
      sh('bash', '-c', script, 'bash', here, ...words)
        .trim()
        .split('\n'),
    ).toEqual(expected);
  });
});

describe.skipIf(!has('dpkg-deb', 'openssl'))(real('the package', 'dpkg-deb', 'openssl'), () => {
  const cross = '/usr/aarch64-linux-gnu/lib/libstdc++.so.6';
  const emulator = 'qemu-aarch64-static';
  const lacks = existsSync(cross) ? [emulator] : [emulator, cross];
  const canEmulate = has(...lacks);
  let deb = '';
  let again = '';
  let arm64 = '';
  let tree = '';
  let names: string[] = [];

  beforeAll(async () => {
    const { manifest, files } = makeBundle();
    await writeBundle(bundle, manifest, files);
    // One after the other they take three times as long: npm waits more than it works.
    [deb, again, arm64] = await Promise.all([build('amd64'), build('amd64'), canEmulate ? build('arm64') : '']);
    tree = path.join(folder, 'tree');
    sh('dpkg-deb', '-x', deb, tree);
    names = sh('find', tree, '-type', 'f', '-printf', '%P\n').trim().split('\n');
  }, 300_000);

  it('is the same, byte by byte, when it is built again', () => {
    const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(deb).not.toBe(again);
    expect(hash(again)).toBe(hash(deb));
  });

  it('brings what the daemon loads and nothing of training, browsers or other machines', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'usr/lib/anomalyd/node',
        'usr/lib/anomalyd/dist/daemon/worker.js',
        'usr/lib/anomalyd/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
        'usr/share/man/man1/anomalyd.1.gz',
        'usr/share/doc/anomalyd/copyright',
      ]),
    );
    expect(
      names.filter((name) =>
        /tensorflow|tfjs|\/training\/|\/simulator\/|arm64|win32|darwin|\.d\.ts$|\.map$/.test(name),
      ),
    ).toEqual([]);
    const kilobytes = Number(sh('du', '-sk', '--exclude=node', tree).split('\t')[0]);
    expect(kilobytes).toBeLessThan(65_000);
  });

  it('runs on its own Node, elsewhere than it was built', () => {
    const run = spawnSync(
      path.join(tree, 'usr/lib/anomalyd/node'),
      [
        path.join(tree, 'usr/lib/anomalyd/dist/daemon/cli.js'),
        'bundle',
        'verify',
        path.join(tree, 'usr/share/anomalyd/bundles/pump'),
      ],
      { encoding: 'utf8', env: {} },
    );
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/holds: 2 graphs/);
  });

  it.skipIf(!has('man'))(real('has a manual page without a warning', 'man'), () => {
    const page = path.join(tree, 'usr/share/man/man1/anomalyd.1.gz');
    const { stdout, stderr } = spawnSync('man', ['-l', '--warnings', '-E', 'UTF-8', '-Tutf8', '-Z', page], {
      encoding: 'utf8',
      env: { ...process.env, MANWIDTH: '80' },
    });
    expect(stderr).toBe('');
    expect(stdout.length).toBeGreaterThan(3000);
  });

  it.skipIf(!canEmulate)(
    real('for arm64 scores on an emulated ARM', ...lacks),
    async () => {
      const arm = path.join(folder, 'arm64');
      sh('dpkg-deb', '-x', arm64, arm);
      // What ARM's Linux says of its processor: onnxruntime reads it, and the emulator passes our own on.
      const system = path.join(folder, 'arm64-system');
      mkdirSync(path.join(system, 'proc'), { recursive: true });
      symlinkSync('/usr/aarch64-linux-gnu/lib', path.join(system, 'lib'));
      writeFileSync(
        path.join(system, 'proc/cpuinfo'),
        'processor\t: 0\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n\n',
      );
      const lib = path.join(arm, 'usr/lib/anomalyd');
      expect(sh(emulator, '-L', system, `${lib}/node`, '-p', 'process.arch').trim()).toBe('arm64');
      expect(
        sh(
          emulator,
          '-L',
          system,
          `${lib}/node`,
          `${lib}/dist/daemon/cli.js`,
          'bundle',
          'verify',
          path.join(arm, 'usr/share/anomalyd/bundles/pump'),
        ),
      ).toMatch(/holds: 2 graphs/);
    },
    300_000,
  );

  describe.skipIf(!hasBox)(inBox('on a fresh Debian'), () => {
    let box: Box;
    beforeAll(async () => {
      box = await Box.boot();
      box.copy(deb, '/root/anomalyd.deb');
    }, bootMs);
    afterAll(async () => {
      await box?.[Symbol.asyncDispose]();
    });

    const get = (page: string) => box.run('curl', '-s', '-m', '2', `http://127.0.0.1:9464${page}`).stdout;
    const metric = (name: string) =>
      Number(new RegExp(`^anomalyd_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(get('/metrics'))?.[1]);
    const state = () => box.property('anomalyd', 'ActiveState');

    it('installs, and starts nothing by itself', () => {
      const { status, output } = box.run('dpkg', '-i', '/root/anomalyd.deb');
      expect(output).toContain('edit /etc/anomalyd/config.yaml, then: systemctl enable --now anomalyd');
      expect(status).toBe(0);
      expect(state()).toBe('inactive');
      expect(box.must('stat', '-c', '%a %U', '/etc/anomalyd/secret')).toBe('700 root');
      expect(box.must('anomalyd', '--version')).toMatch(/^\d+\.\d+\.\d+/);
      expect(box.run('systemd-analyze', 'verify', '--man=no', 'anomalyd.service', 'anomalyd@a.service')).toMatchObject({
        status: 0,
        output: '',
      });
    });

    it('runs as it was installed, waiting for the broker', async () => {
      box.must('systemctl', 'enable', '--now', 'anomalyd');
      expect(state()).toBe('active');
      await box.until('/metrics', () => metric('broker_connected') === 0);
      expect(box.property('anomalyd', 'StatusText')).not.toBe('');
      expect(box.must('systemd-analyze', 'security', '--no-pager', 'anomalyd')).toMatch(
        /Overall exposure level for anomalyd.service: (0\.\d|1\.[0-5]) /,
      );
    });

    it('scores less than a minute after two lines were edited', async () => {
      box.must('systemctl', 'stop', 'anomalyd');
      box.write('/etc/mosquitto/conf.d/open.conf', 'listener 18830 127.0.0.1\nallow_anonymous true\n');
      box.must('systemctl', 'start', 'mosquitto');
      box.must(
        'sed',
        '-i',
        '-e',
        's|localhost:1883|localhost:18830|',
        '-e',
        's|plant/{area}/{asset}/telemetry|works/{asset}/data|',
        '/etc/anomalyd/config.yaml',
      );
      const check = box.run('anomalyd', 'check', '--config', '/etc/anomalyd/config.yaml');
      expect(check.status, check.output).toBe(0);
      const startedAt = Date.now();
      box.must('systemctl', 'start', 'anomalyd');
      for (let i = 0; i < 30 && !(metric('frames_scored_total') > 2); i++) {
        const values = Object.fromEntries(channelNames.map((name) => [name, Math.random()]));
        box.must(
          'mosquitto_pub',
          '-p',
          '18830',
          '-t',
          'works/press-1/data',
          '-m',
          JSON.stringify({ ts: new Date().toISOString(), values }),
        );
        await sleep(500);
      }
      expect(metric('frames_scored_total')).toBeGreaterThan(2);
      expect(Date.now() - startedAt).toBeLessThan(60_000);
      expect([metric('broker_connected'), metric('assets')]).toEqual([1, 1]);
    });

    it('reads a changed config on reload, and keeps the old one when the new one does not hold', async () => {
      const pid = box.property('anomalyd', 'MainPID');
      box.must('cp', '/etc/anomalyd/config.yaml', '/root/config.yaml');
      box.must('sed', '-i', 's/^inputs:/imputs:/', '/etc/anomalyd/config.yaml');
      box.must('systemctl', 'reload', 'anomalyd');
      await box.until('the reload', () => metric('config_reload_success') === 0);
      box.must('cp', '/root/config.yaml', '/etc/anomalyd/config.yaml');
      box.must('systemctl', 'reload', 'anomalyd');
      await box.until('the reload', () => metric('config_reload_success') === 1);
      expect([state(), box.property('anomalyd', 'MainPID')]).toEqual(['active', pid]);
    });

    it('comes back when it is stopped in its tracks', async () => {
      box.write('/etc/systemd/system/anomalyd.service.d/quick.conf', '[Service]\nWatchdogSec=4\nRestartSec=500ms\n');
      box.must('systemctl', 'daemon-reload');
      box.must('systemctl', 'restart', 'anomalyd');
      const pid = box.property('anomalyd', 'MainPID');
      box.must('systemctl', 'kill', '--kill-who=main', '-s', 'STOP', 'anomalyd');
      await box.until(
        'the restart',
        () => box.property('anomalyd', 'NRestarts') === '1' && state() === 'active',
        20_000,
      );
      expect(box.property('anomalyd', 'MainPID')).not.toBe(pid);
      await box.until('the broker', () => metric('broker_connected') === 1);
      await sleep(5000);
      expect([state(), box.property('anomalyd', 'NRestarts')]).toEqual(['active', '1']);
    });

    it('is not started again and again with a config that does not hold', async () => {
      box.must('systemctl', 'stop', 'anomalyd');
      box.must('sed', '-i', 's/^inputs:/imputs:/', '/etc/anomalyd/config.yaml');
      expect(box.run('systemctl', 'start', 'anomalyd').status).not.toBe(0);
      await sleep(1500);
      expect([state(), box.property('anomalyd', 'NRestarts'), box.property('anomalyd', 'ExecMainStatus')]).toEqual([
        'failed',
        '0',
        '78',
      ]);
      expect(box.journal('anomalyd')).toMatch(/config\.yaml:\d+.*imputs/s);
      box.must('cp', '/root/config.yaml', '/etc/anomalyd/config.yaml');
      box.must('systemctl', 'reset-failed', 'anomalyd');
      box.must('systemctl', 'start', 'anomalyd');
    });

    it('upgrades with the config as it was edited, and restarts what ran', () => {
      const next = path.join(folder, 'next');
      sh('dpkg-deb', '-R', deb, next);
      const control = readFileSync(path.join(next, 'DEBIAN/control'), 'utf8');
      writeFileSync(path.join(next, 'DEBIAN/control'), control.replace(/^Version: .*/m, 'Version: 99.0.0'));
      writeFileSync(
        path.join(next, 'etc/anomalyd/config.yaml'),
        `# newer\n${readFileSync(path.join(next, 'etc/anomalyd/config.yaml'), 'utf8')}`,
      );
      sh('dpkg-deb', '--root-owner-group', '-Znone', '--build', next, path.join(folder, 'next.deb'));
      box.copy(path.join(folder, 'next.deb'), '/root/next.deb');
      const pid = box.property('anomalyd', 'MainPID');
      box.must('dpkg', '--force-confold', '-i', '/root/next.deb');
      const config = readFileSync(box.path('/etc/anomalyd/config.yaml'), 'utf8');
      expect(config).toContain('topic: works/{asset}/data');
      expect(config).not.toContain('# newer');
      expect(state()).toBe('active');
      expect(box.property('anomalyd', 'MainPID')).not.toBe(pid);
    });

    it('is removed with the config kept, and purged with nothing left', () => {
      box.write('/etc/anomalyd/secret/mqtt', 'sesame', 0o600);
      box.must('dpkg', '-r', 'anomalyd');
      expect(box.run('systemctl', 'is-active', 'anomalyd').stdout).toBe('inactive');
      expect(box.run('pgrep', '-f', '/usr/lib/anomalyd/').stdout).toBe('');
      expect(existsSync(box.path('/etc/anomalyd/config.yaml'))).toBe(true);
      box.must('dpkg', '-P', 'anomalyd');
      const left = box.must(
        'sh',
        '-c',
        "find / -xdev -iname '*anomalyd*' -not -path '/root/*' -not -path '/proc/*'; ls -d /run/*anomalyd* 2>/dev/null || true",
      );
      expect(left).toBe('');
      expect(box.run('dpkg', '-s', 'anomalyd').status).toBe(1);
      expect(box.run('systemctl', 'list-unit-files', '--no-legend', 'anomalyd*').stdout).toBe('');
    });
  });
});
