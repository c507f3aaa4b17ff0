import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { authenticate, hashPassword, parsePasswordFile } from '../../daemon/embedded-accounts.js';
import { has, real } from '../fixtures/tools.js';

describe('accounts of the embedded broker', () => {
  it.skipIf(!has('mosquitto_passwd'))(real('reads what mosquitto_passwd writes', 'mosquitto_passwd'), async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-accounts-'));
    const file = path.join(dir, 'passwords');
    writeFileSync(file, '');
    for (const user of ['sensor', 'operator'])
      execFileSync('mosquitto_passwd', ['-b', file, user, `${user} secret`], { stdio: 'pipe' });
    const accounts = parsePasswordFile(`# ours\n\n${readFileSync(file, 'utf8')}`);
    rmSync(dir, { recursive: true });
    if (typeof accounts === 'string') throw new Error(accounts);
    expect([...accounts.keys()]).toEqual(['sensor', 'operator']);
    const tries = ['sensor secret', 'operator secret', ''].map((text) =>
      authenticate(accounts, 'sensor', Buffer.from(text)),
    );
    expect(await Promise.all(tries)).toEqual([true, false, false]);
    expect(await authenticate(accounts, 'nobody', Buffer.from('sensor secret'))).toBe(false);
  });

  it('takes passwords of the config', async () => {
    const accounts = new Map([['a', hashPassword('pass', Buffer.from('salt'))]]);
    expect(await authenticate(accounts, 'a', Buffer.from('pass'))).toBe(true);
    expect(await authenticate(accounts, 'a', Buffer.from('past'))).toBe(false);
  });

  it.each([
    [
      'a plain password',
      'sensor:secret',
      'line 1 is no line of mosquitto_passwd (user:$7$...); plain passwords are not taken',
    ],
    ['half a line', '\nsensor', 'line 2 is no line of mosquitto_passwd (user:$7$...); plain passwords are not taken'],
    ['a short hash', 'sensor:$7$101$c2FsdA==$aGFzaA==', 'line 1 is no line of mosquitto_passwd'],
  ])('refuses %s', (_, text, problem) => {
    expect(parsePasswordFile(text)).toContain(problem);
    expect(parsePasswordFile(text)).not.toContain('secret');
  });
});
