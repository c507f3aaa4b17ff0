/** Whether certificate, key and authority are what they should be, before anything connects or listens with them. */
import { createSecureContext } from 'node:tls';
import { UserError } from '../model/errors.js';
import type { Secret } from './config-text.js';

export interface Certificates {
  readonly ca?: Secret | undefined;
  readonly cert?: Secret | undefined;
  readonly key?: Secret | undefined;
}

/**
 * `at`: the key of the config that they stand below.
 * @throws UserError when one is no PEM file or can't be read, or when the key is another certificate's
 */
export function checkCertificates({ ca, cert, key }: Certificates, at: string): void {
  const parts = { ca, cert, key };
  for (const [name, secret] of Object.entries(parts))
    if (secret !== undefined && !secret.reveal().includes('-----BEGIN '))
      throw new UserError(
        `${secret.origin} is no PEM file.`,
        { key: `${at}.${name}` },
        'A PEM file has a line -----BEGIN ...-----.',
      );
  try {
    createSecureContext(Object.fromEntries(Object.entries(parts).map(([name, secret]) => [name, secret?.reveal()])));
  } catch (cause) {
    const mismatch = cause instanceof Error && /key values mismatch/i.test(cause.message);
    throw new UserError(
      mismatch ? '`key` does not belong to `cert`.' : '`ca`, `cert` or `key` can not be read as a certificate or key.',
      { key: mismatch ? `${at}.key` : `${at}.cert` },
      'Check them with: openssl x509 -in <file> -noout -text; openssl pkey -in <file> -noout',
      { cause },
    );
  }
}
