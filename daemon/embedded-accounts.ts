/** Who may come into the embedded broker: accounts by password file or by name, checked in constant time. */
import { createHash, pbkdf2, timingSafeEqual } from 'node:crypto';

/** A password as it is kept: never the text. */
export type PasswordHash =
  | { readonly kind: 'pbkdf2'; readonly iterations: number; readonly salt: Buffer; readonly hash: Buffer }
  | { readonly kind: 'sha512'; readonly salt: Buffer; readonly hash: Buffer };

export type Accounts = ReadonlyMap<string, PasswordHash>;

/** What stands in for an unknown user's password, so that names can't be told from the time an answer takes. */
const nobody: PasswordHash = { kind: 'pbkdf2', iterations: 1000, salt: Buffer.alloc(12), hash: Buffer.alloc(64) };

/**
 * Reads a password file as `mosquitto_passwd` writes it: a line `user:$7$iterations$salt$hash` (PBKDF2, SHA-512) or `user:$6$salt$hash`
 * (SHA-512 of password and salt) an account, salt and hash in base64; blank lines and those that begin with # are left out.
 * @returns the accounts, or a text saying what is wrong in which line
 */
export function parsePasswordFile(text: string): Map<string, PasswordHash> | string {
  const accounts = new Map<string, PasswordHash>();
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const hash = parseHash(line.slice(colon + 1));
    if (colon <= 0 || hash === undefined)
      return `line ${i + 1} is no line of mosquitto_passwd (user:$7$...); plain passwords are not taken`;
    if (accounts.has(name)) return `line ${i + 1}: there is another line for ${name}`;
    accounts.set(name, hash);
  }
  return accounts;
}

function parseHash(text: string): PasswordHash | undefined {
  const [empty, kind, ...fields] = text.split('$');
  const [salt = '', hash = ''] = fields.slice(-2).map((field) => Buffer.from(field, 'base64'));
  if (empty !== '' || salt.length === 0 || hash.length !== 64) return undefined;
  if (typeof salt === 'string' || typeof hash === 'string') return undefined;
  if (kind === '6' && fields.length === 2) return { kind: 'sha512', salt, hash };
  const iterations = Number(fields[0]);
  const sound = Number.isInteger(iterations) && iterations > 0 && iterations <= 10_000_000;
  return kind === '7' && fields.length === 3 && sound ? { kind: 'pbkdf2', iterations, salt, hash } : undefined;
}

/** An account whose password the config gives. The salt only keeps equal passwords from looking alike. */
export function hashPassword(password: string, salt: Buffer): PasswordHash {
  return { kind: 'sha512', salt, hash: sha512(password, salt) };
}

/** Whether the password is this user's; takes as long for a user that does not exist. */
export async function authenticate(accounts: Accounts, user: string, password: Uint8Array): Promise<boolean> {
  const account = accounts.get(user);
  const wanted = account ?? nobody;
  const hash =
    wanted.kind === 'sha512'
      ? sha512(password, wanted.salt)
      : await new Promise<Buffer>((resolve, reject) => {
          pbkdf2(password, wanted.salt, wanted.iterations, wanted.hash.length, 'sha512', (error, key) =>
            error === null ? resolve(key) : reject(error),
          );
        });
  return timingSafeEqual(hash, wanted.hash) && account !== undefined;
}

function sha512(password: string | Uint8Array, salt: Buffer): Buffer {
  return createHash('sha512').update(password).update(salt).digest();
}
