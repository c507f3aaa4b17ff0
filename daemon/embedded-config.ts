/** `broker.embedded:` in the config: a broker of our own, and what its thread needs to know of it. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ConfigTexts } from './config-text.js';
import { hashPassword, type PasswordHash, parsePasswordFile } from './embedded-accounts.js';
import type { BrokerSettings } from './embedded-orders.js';
import type { Permission } from './embedded-permissions.js';
import { type Listen, parseListen } from './listen.js';
import { parseTopicTemplate } from './topic.js';

const filters = (text: ConfigTexts['text']) =>
  z.array(
    text().superRefine((filter, check) => {
      const parsed = parseTopicTemplate(filter.replaceAll('{user}', '+'));
      if (typeof parsed === 'string') check.addIssue({ code: 'custom', message: parsed });
    }),
  );

const tlsSchema = ({ fileContent }: ConfigTexts) =>
  z.strictObject({
    cert: fileContent().describe("PEM file of the broker's certificate, with those in between"),
    key: fileContent().describe('PEM file of its private key'),
    ca: fileContent()
      .optional()
      .describe(
        'PEM file of an authority: clients must show a certificate of it (mTLS), whose common name is their user name',
      ),
  });

export const embeddedSchema = (texts: ConfigTexts) => {
  const { text, fileContent, secret } = texts;
  return z
    .strictObject({
      listen: text()
        .superRefine((listen, check) => {
          if (listen !== '' && parseListen(listen) === undefined)
            check.addIssue({ code: 'custom', message: 'must look like 127.0.0.1:1883, [::1]:1883 or :8883' });
        })
        .prefault('127.0.0.1:1883')
        .describe('address for clients; `:8883` = every address of this host. Off the network unless you say so'),
      passwordFile: fileContent()
        .optional()
        .describe('accounts as `mosquitto_passwd` writes them; SIGHUP reads them again'),
      users: z.record(z.string().min(1), secret()).optional().describe('further accounts: name -> password'),
      tls: tlsSchema(texts).optional().describe('clients must use TLS'),
      permissions: z
        .array(
          z.strictObject({
            users: z
              .array(z.string().min(1))
              .default(['*'])
              .describe('names, `*` for any part of one; clients without a name are the user ``'),
            publish: filters(text).default([]).describe('topic filters; `{user}` stands for the name'),
            subscribe: filters(text).default([]).describe('topic filters'),
          }),
        )
        .optional()
        .describe(
          'who may publish and subscribe what; default: all may publish the topics of `inputs`, and subscribe these and what we publish',
        ),
      maxClients: z.int().min(1).max(100_000).default(1000).describe('connections at most'),
    })
    .superRefine((embedded, check) => {
      const { passwordFile, users, tls, listen } = embedded;
      const accounts = parsePasswordFile(passwordFile?.reveal() ?? '');
      if (typeof accounts === 'string') check.addIssue({ code: 'custom', path: ['passwordFile'], message: accounts });
      const open = passwordFile === undefined && users === undefined && tls?.ca === undefined;
      if (open && !isLoopback(parseListen(listen)))
        check.addIssue({
          code: 'custom',
          path: ['listen'],
          message: 'would let everyone in; give `passwordFile`, `users` or `tls.ca` too, or listen at 127.0.0.1',
        });
    });
};

export type EmbeddedConfig = z.infer<ReturnType<typeof embeddedSchema>>;

/** Where programs on this host find the broker. */
export function embeddedUrl({ listen, tls }: Pick<EmbeddedConfig, 'listen' | 'tls'>): string {
  const { host = 'localhost', port } = parseListen(listen) ?? { port: 1883 };
  return `${tls === undefined ? 'mqtt' : 'mqtts'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What the thread needs; `inputs` are topic filters. */
export function brokerSettings(embedded: EmbeddedConfig, inputs: Iterable<string>, base: string): BrokerSettings {
  const { tls, passwordFile, users, maxClients } = embedded;
  const wanted = [...inputs].map((filter) => filter.replace(/^\$share\/[^/]+\//, ''));
  const standard: Permission = { users: ['*'], publish: wanted, subscribe: [...wanted, `${base}/#`] };
  const parsed = parsePasswordFile(passwordFile?.reveal() ?? '');
  const accounts = new Map<string, PasswordHash>(typeof parsed === 'string' ? [] : parsed);
  for (const [name, password] of Object.entries(users ?? {}))
    accounts.set(name, hashPassword(password.reveal(), randomBytes(12)));
  return {
    listen: parseListen(embedded.listen) ?? { port: 0 },
    ...(tls !== undefined && {
      tls: {
        cert: tls.cert.reveal(),
        key: tls.key.reveal(),
        ...(tls.ca !== undefined && { ca: tls.ca.reveal() }),
      },
    }),
    accounts,
    anonymous: passwordFile === undefined && users === undefined,
    permissions: embedded.permissions ?? [standard],
    maxClients,
    inputs: wanted,
    base,
  };
}

function isLoopback(listen: Listen | undefined): boolean {
  return listen?.host === 'localhost' || listen?.host === '::1' || listen?.host?.startsWith('127.') === true;
}
