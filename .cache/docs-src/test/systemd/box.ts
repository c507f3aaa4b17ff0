/** A booted systemd to try things in (`test/systemd/box`), as an object that powers off when it is disposed of. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { has, real } from '../fixtures/tools.js';

const script = path.join(import.meta.dirname, 'box');
const needs = ['root', 'debootstrap', 'unshare', 'nsenter'] as const;

/** For `describe.skipIf`. */
export const hasBox = has(...needs);
export const inBox = (title: string) => real(title, ...needs);

/** Longest time that making the root tree may take, on top of a test's own. */
export const bootMs = 300_000;

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  /** Standard output and error, as a person would see them. */
  readonly output: string;
}

export class Box {
  private constructor(
    readonly pid: number,
    readonly process: ChildProcess,
  ) {}

  static async boot(name = `anomalyd-${process.pid}-${Math.random().toString(36).slice(2, 8)}`): Promise<Box> {
    const child = spawn(script, ['up', name], { stdio: ['pipe', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => {
      errors += data.toString();
    });
    const line = await Promise.race([
      once(child.stdout, 'data').then(([data]) => String(data)),
      once(child, 'exit').then(() => ''),
    ]);
    if (!/^\d+\n/.test(line)) throw new Error(`no box: ${errors}`);
    return new Box(Number(line), child);
  }

  /** Runs a command inside, as root. */
  run(...command: string[]): Run {
    const { status, stdout, stderr } = spawnSync(script, ['in', String(this.pid), ...command], { encoding: 'utf8' });
    return { status, stdout: stdout.trimEnd(), output: `${stdout}${stderr}`.trimEnd() };
  }

  /** As `run`, but a failure throws. */
  must(...command: string[]): string {
    const { status, stdout, output } = this.run(...command);
    if (status !== 0) throw new Error(`${command.join(' ')}: ${status}\n${output}`);
    return stdout;
  }

  /** A path inside as seen from here. */
  path(inside: string): string {
    return path.join(`/proc/${this.pid}/root`, inside);
  }

  write(inside: string, text: string, mode = 0o644): void {
    mkdirSync(path.dirname(this.path(inside)), { recursive: true });
    writeFileSync(this.path(inside), text, { mode });
  }

  copy(from: string, inside: string): void {
    mkdirSync(path.dirname(this.path(inside)), { recursive: true });
    cpSync(from, this.path(inside), { recursive: true });
  }

  /** One property of a unit, as `systemctl show` tells it. */
  property(unit: string, property: string): string {
    return this.must('systemctl', 'show', '--value', '-p', property, unit);
  }

  journal(unit: string): string {
    return this.run('journalctl', '-o', 'cat', '--no-pager', '-u', unit).stdout;
  }

  /** Waits until `probe` gives a value that is neither undefined nor false. */
  async until<T>(what: string, probe: () => T | undefined | false, limitMs = 15_000): Promise<T> {
    for (let leftMs = limitMs; leftMs > 0; leftMs -= 100) {
      const value = probe();
      if (value !== undefined && value !== false) return value;
      await sleep(100);
    }
    throw new Error(`${what}: not within ${limitMs} ms\n${this.run('journalctl', '--no-pager', '-n', '40').output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.process.exitCode === null ? once(this.process, 'exit') : undefined;
    this.process.stdin?.end();
    await ended;
  }
}
