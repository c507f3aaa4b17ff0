/** The container files, as far as they can be proved without a container engine: what they name exists, builds, and is understood by the real programs. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { freePort } from '../fixtures/mosquitto.js';
import { cli } from '../fixtures/program.js';
import { has, real, which } from '../fixtures/tools.js';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'deploy/container');
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
const scratch = mkdtempSync(path.join(tmpdir(), 'anomalyd-container-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Instructions of a Dockerfile, continued lines joined, comments left out. */
const instructions = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => ({ word: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1).trim() }));
const all = (word: string) => instructions.filter((each) => each.word === word).map(({ rest }) => rest);
/** What is copied from the checkout. */
const copies = all('COPY')
  .filter((rest) => !rest.startsWith('--from'))
  .map((rest) => rest.split(/\s+/))
  .map((words) => ({ sources: words.slice(0, -1), to: words.at(-1) ?? '' }));

describe('the Dockerfile', () => {
  it('uses known instructions, from images with a version, and ends as nobody', () => {
    const known = 'FROM WORKDIR COPY RUN LABEL ENV USER VOLUME EXPOSE HEALTHCHECK STOPSIGNAL ENTRYPOINT CMD'.split(' ');
    expect(instructions.filter(({ word }) => !known.includes(word))).toEqual([]);
    for (const from of all('FROM')) expect(from).toMatch(/^[\w./-]+:\d[\w.-]*( AS \w+)?$/);
    const [user, ...others] = all('USER');
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(others).toEqual([]);
    for (const word of ['ENTRYPOINT', 'CMD'] as const) expect(JSON.parse(all(word).at(-1) ?? '')).toBeInstanceOf(Array);
  });

  it('copies what there is, and what is not ignored', () => {
    const allowed = read('Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const source of copies.flatMap(({ sources }) => sources)) {
      expect(existsSync(path.join(root, source)), source).toBe(true);
      expect(allowed, source).toContain(source.replace(/^\.\//, '').replace(/(?<=^deploy)\/.*/, ''));
    }
  });

  it('runs commands that a shell understands', () => {
    for (const command of all('RUN')) execFileSync('sh', ['-n', '-c', command]);
    expect(all('RUN').length).toBeGreaterThan(2);
  });

  it('builds from no more than it copies', () => {
    const source = path.join(scratch, 'src');
    mkdirSync(source);
    const stage = instructions.slice(
      0,
      instructions.findLastIndex(({ word }) => word === 'FROM'),
    );
    for (const { sources, to } of copies.slice(0, stage.filter(({ word }) => word === 'COPY').length)) {
      for (const each of sources)
        cpSync(path.join(root, each), path.join(source, to, sources.length > 1 ? each : ''), { recursive: true });
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(source, 'node_modules'));
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: source, stdio: 'pipe' });
    const [entry = []] = all('ENTRYPOINT').map((rest) => JSON.parse(rest) as string[]);
    expect(existsSync(path.join(source, (entry.at(-1) ?? '').replace('/usr/lib/anomalyd/', '')))).toBe(true);
    expect(existsSync(path.join(source, 'dist/deploy/debian/trim.js'))).toBe(true);
  });

  it('asks /healthz for its health, and believes it', async () => {
    const [health = ''] = all('HEALTHCHECK');
    const command = JSON.parse(health.slice(health.indexOf('CMD') + 3)) as string[];
    let status = 200;
    const server = createServer((request, response) =>
      response.writeHead(request.url === '/healthz' ? status : 404).end(),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const ask = async () => {
      const [program = '', ...args] = command.map((word) => word.replace('9464', String(port)));
      const [code] = await once(spawn(program === 'node' ? process.execPath : program, args), 'exit');
      return code as unknown;
    };
    expect(await ask()).toBe(0);
    status = 503;
    expect(await ask()).toBe(1);
    server.close();
    await once(server, 'close');
    expect(await ask()).toBe(1);
  });
});

/** The part of the compose specification that is used here; any other key is a mistake. */
const service = z.strictObject({
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  image: z.string().regex(/^[\w./-]+:v?\d+\.\d+\.\d+$/, 'an image with a version'),
  depends_on: z.array(z.string()).default([]),
  restart: z.string().regex(/^(no|always|unless-stopped|on-failure(:\d+)?)$/),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  mem_limit: z
    .string()
    .regex(/^\d+[kmg]$/)
    .optional(),
  pids_limit: z.number().optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'open to this host only')).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string().regex(/^[^:]+:\/[^:]+(:ro)?$/)).default([]),
});
const composeSchema = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});

describe('the composed gateway', () => {
  let compose: z.infer<typeof composeSchema>;
  beforeAll(() => {
    compose = composeSchema.parse(parse(read('compose.yaml')));
  });

  /** Where a path inside a service comes from: the longest mount that holds it. */
  function origin(name: string, inside: string): string | undefined {
    const mounts = (compose.services[name]?.volumes ?? []).map((volume) => volume.split(':'));
    const mount = mounts
      .filter(([, to = '']) => inside === to || inside.startsWith(`${to}/`))
      .sort((a, b) => (b[1]?.length ?? 0) - (a[1]?.length ?? 0))[0];
    return mount?.[0]?.startsWith('.') ? path.join(folder, mount[0], inside.slice(mount[1]?.length ?? 0)) : undefined;
  }

  it('names services, volumes and files that there are', () => {
    for (const { depends_on, volumes, build } of Object.values(compose.services)) {
      for (const other of depends_on) expect(Object.keys(compose.services)).toContain(other);
      for (const volume of volumes) {
        const [from = '', , mode] = volume.split(':');
        if (!from.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(from);
        else {
          expect(existsSync(path.join(folder, from)), from).toBe(true);
          expect(mode).toBe('ro');
        }
      }
      if (build !== undefined) expect(existsSync(path.join(folder, build.context, build.dockerfile))).toBe(true);
    }
  });

  it("has a config that anomalyd accepts, with the example bundle where the image puts it, and the broker's name", () => {
    const from = origin('anomalyd', '/etc/anomalyd/config.yaml');
    const text = readFileSync(from ?? '', 'utf8');
    expect(Object.keys(compose.services)).toContain(/url: mqtt:\/\/(\w+):1883/.exec(text)?.[1]);
    const bundles = copies.find(({ to }) => to === '/usr/share/anomalyd/bundles')?.sources[0] ?? '';
    const file = path.join(scratch, 'config.yaml');
    writeFileSync(file, text.replace('/usr/share/anomalyd/bundles', path.join(root, bundles)));
    const { status, stderr } = spawnSync(process.execPath, [cli, 'check', '--offline', '--config', file], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
  });

  it.skipIf(!has('promtool'))(
    real('has a Prometheus config and rules that hold, and scrapes anomalyd', 'promtool'),
    () => {
      const etc = path.join(scratch, 'prometheus');
      mkdirSync(etc);
      for (const file of ['prometheus.yml', 'anomalyd.recording.yml', 'anomalyd.alerts.yml']) {
        cpSync(origin('prometheus', `/etc/prometheus/${file}`) ?? '', path.join(etc, file));
      }
      const { status, stderr } = spawnSync('promtool', ['check', 'config', path.join(etc, 'prometheus.yml')], {
        encoding: 'utf8',
      });
      expect(status, stderr).toBe(0);
      const [host, port] = (
        /targets: \[(.*)\]/.exec(readFileSync(path.join(etc, 'prometheus.yml'), 'utf8'))?.[1] ?? ''
      ).split(':');
      expect(Object.keys(compose.services)).toContain(host);
      expect(all('EXPOSE')).toEqual([port]);
    },
  );

  it.skipIf(!has('mosquitto'))(real('has a broker config that mosquitto starts with', 'mosquitto'), async () => {
    const port = await freePort();
    const file = path.join(scratch, 'mosquitto.conf');
    const text = readFileSync(origin('mosquitto', '/mosquitto/config/mosquitto.conf') ?? '', 'utf8');
    writeFileSync(file, text.replace('listener 1883', `listener ${port}`).replace('/mosquitto/data/', `${scratch}/`));
    const child = spawn(which('mosquitto') ?? 'mosquitto', ['-v', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    for await (const chunk of child.stderr) {
      log += String(chunk);
      if (/ running|Error/.test(log)) break;
    }
    child.kill();
    expect(log).toMatch(/mosquitto version \S+ running/);
  });

  it('gives Grafana a data source that is a service, and its dashboards', () => {
    const source = parse(
      readFileSync(origin('grafana', '/etc/grafana/provisioning/datasources/prometheus.yml') ?? '', 'utf8'),
    ) as {
      datasources: { url: string }[];
    };
    expect(Object.keys(compose.services)).toContain(new URL(source.datasources[0]?.url ?? '').hostname);
    const provider = parse(
      readFileSync(origin('grafana', '/etc/grafana/provisioning/dashboards/anomalyd.yml') ?? '', 'utf8'),
    ) as {
      providers: { options: { path: string } }[];
    };
    expect(existsSync(origin('grafana', provider.providers[0]?.options.path ?? '') ?? '')).toBe(true);
  });
});
