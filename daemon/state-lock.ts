/** One daemon a state folder: two would write over each other's alarms and alerts. */
import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { UserError } from '../model/errors.js';

export interface StateLock {
  release(): Promise<void>;
}

/** Longer names of sockets are cut without a word (unix(7): 108 bytes with the end). */
const longestName = 107;

const nothing: StateLock = { release: async () => {} };

/**
 * Listens on a socket in the folder. Whoever holds one answers, and of a process that died, in whatever container, there is nobody to answer. Where there can be no such socket, as
 * in file systems that have none or below a very long name, nothing is locked.
 * @throws UserError where another daemon is at work
 */
export async function lockState(stateDir: string): Promise<StateLock> {
  const file = join(stateDir, 'lock');
  if (Buffer.byteLength(file) > longestName) return nothing;
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    return held(await listen(file));
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') return nothing;
  }
  const answer = await ask(file);
  if (answer === undefined)
    throw new UserError(
      'another anomalyd is at work with this state folder.',
      { file: stateDir },
      'Stop that one (systemctl stop anomalyd), or give this one a `stateDir` of its own.',
    );
  try {
    // Anything but a socket of a process that is gone is not ours to remove; then `listen` fails again.
    if (answer === 'ECONNREFUSED' && lstatSync(file).isSocket()) rmSync(file);
    return held(await listen(file));
  } catch {
    return nothing;
  }
}

function held(server: Server): StateLock {
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function listen(file: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((visitor) => visitor.destroy());
    server.on('error', reject);
    server.unref();
    server.listen(file, () => resolve(server));
  });
}

/** Undefined where somebody answers, else why nobody does. */
function ask(file: string): Promise<unknown> {
  return new Promise((resolve) => {
    const visitor = createConnection(file, () => {
      visitor.destroy();
      resolve(undefined);
    });
    visitor.on('error', (error) => resolve(codeOf(error) ?? error));
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
