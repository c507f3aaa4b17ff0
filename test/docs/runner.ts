/** Runs the docs as a reader would: the files a page shows are written, its shell blocks run in order, in a folder and on ports of their own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../fixtures/mosquitto.js';
import { dist } from '../fixtures/program.js';
import { which } from '../fixtures/tools.js';

export const root = rootFrom(import.meta.dirname);

/** The folder of package.json above: this file may be compiled to elsewhere in the tree. */
function rootFrom(dir: string): string {
  return existsSync(path.join(dir, 'package.json')) ? dir : rootFrom(path.dirname(dir));
}

/**
 * A fenced block. The words after the language say what becomes of it; GitHub shows none of them.
 * - `sh`: run. `sh skip="why"`: not run. `sh for=5s`: ended after that time, as a reader ends what runs on.
 * - any language with `file=name`: written there.
 */
export interface Block {
  readonly language: string;
  readonly line: number;
  readonly text: string;
  readonly file?: string;
  readonly skip?: string;
  readonly forSeconds?: number;
}

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const fence = /^(`{3,})(\w+)?([^\n`]*)\n([\s\S]*?)^\1\s*$/gm;
  for (const match of markdown.matchAll(fence)) {
    const [, , language = '', words = '', text = ''] = match;
    const word = (name: string) => new RegExp(`\\b${name}=(?:"([^"]*)"|(\\S+))`).exec(words)?.slice(1).find(Boolean);
    const [file, skip, time] = [word('file'), word('skip'), word('for')];
    blocks.push({
      language,
      line: markdown.slice(0, match.index).split('\n').length,
      text,
      ...(file !== undefined && { file }),
      ...(skip !== undefined && { skip }),
      ...(time !== undefined && { forSeconds: Number.parseFloat(time) }),
    });
  }
  return blocks;
}

const shells = new Set(['sh', 'bash', 'shell', 'console']);
export const isCommand = ({ language }: Block): boolean => shells.has(language);

export interface DocsRun {
  readonly exitCode: number | null;
  /** What all commands wrote, under a line for each block. */
  readonly output: string;
  /** Where they ran. */
  readonly dir: string;
}

/** A page that takes longer hangs. */
const patienceMs = 90_000;

/** @param env more variables, such as where a data set is */
export async function runPage(page: string, env: Readonly<Record<string, string>> = {}): Promise<DocsRun> {
  const dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-docs-'));
  const [mqttPort, httpPort] = [await freePort(), await freePort()];
  const ports = (text: string) => text.replace(/\b1883\b/g, String(mqttPort)).replace(/\b9464\b/g, String(httpPort));
  const bin = shims(dir, mqttPort);
  const script = ['set -euo pipefail'];
  for (const [i, block] of blocksOf(readFileSync(path.join(root, page), 'utf8')).entries()) {
    if (block.skip !== undefined) continue;
    const place = path.join(dir, '.blocks', String(i));
    if (block.file !== undefined) {
      mkdirSync(path.dirname(path.join(dir, block.file)), { recursive: true });
      mkdirSync(path.dirname(place), { recursive: true });
      writeFileSync(place, withPort(ports(block.text), httpPort));
      script.push(`cp '${place}' '${block.file}'`);
    } else if (isCommand(block)) {
      script.push(`echo '== ${page}:${block.line}'`, ...commandsOf(ports(block.text), block.forSeconds, place));
    }
  }
  const child = spawn('bash', ['-c', script.join('\n')], {
    cwd: dir,
    // A group of its own, so that what a page leaves in the background ends with it.
    detached: true,
    env: { ...process.env, ...homeOf(dir), ...env, PATH: `${bin}:${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const endAll = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nothing was left.
    }
  };
  const late = setTimeout(endAll, patienceMs);
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  clearTimeout(late);
  endAll();
  return { exitCode, output, dir };
}

/** The default port may be taken here: a daemon's config that names none is given one. */
function withPort(text: string, port: number): string {
  return /^broker:/m.test(text) && !/^metrics:/m.test(text)
    ? `${text}metrics: { listen: "127.0.0.1:${port}" }\n`
    : text;
}

function commandsOf(text: string, forSeconds: number | undefined, place: string): string[] {
  if (forSeconds === undefined) return [text];
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, text);
  return [`timeout ${forSeconds} bash -euo pipefail '${place}' || [ $? -eq 124 ]`];
}

/** A home of its own, but the cache of the native TensorFlow that this user has. */
function homeOf(dir: string): Record<string, string> {
  return { HOME: dir, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache') };
}

/** Programs by the names that readers type: this build, `npx` and mosquitto's clients on the page's own broker. */
function shims(dir: string, mqttPort: number): string {
  const bin = path.join(dir, '.bin');
  mkdirSync(bin);
  const add = (name: string, command: string) => {
    writeFileSync(path.join(bin, name), `#!/bin/sh\nexec ${command} "$@"\n`);
    chmodSync(path.join(bin, name), 0o755);
  };
  const program = (room: string) => `'${process.execPath}' '${path.join(dist, room, 'cli.js')}'`;
  add('anomalyd', program('daemon'));
  add('anomalyd-train', program('training'));
  add('anomalyd-simulate', program('simulator'));
  add('npx', '');
  for (const client of ['mosquitto_pub', 'mosquitto_sub']) add(client, `'${which(client) ?? client}' -p ${mqttPort}`);
  return bin;
}
