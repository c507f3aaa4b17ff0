/** `broker:` in the config: where the MQTT broker is and how to be let in. */
import { z } from 'zod';
import type { ConfigTexts } from './config-text.js';
import { embeddedSchema, embeddedUrl } from './embedded-config.js';

const seconds = z.number().positive();

export const brokerSchema = (texts: ConfigTexts) => {
  const { text, fileContent, secret } = texts;
  return (
    z
      .strictObject({
        url: text()
          .superRefine(checkUrl)
          .optional()
          .describe('mqtt://host:1883, mqtts://host:8883 (TLS), ws:// or wss://; no user and password in it'),
        embedded: embeddedSchema(texts)
          .optional()
          .describe(
            'a broker of our own (MQTT 3.1.1) that sensors connect to, for gateways without one; instead of `url`',
          ),
        protocolVersion: z
          .literal([4, 5])
          .default(5)
          .describe('5 = MQTT 5, falling back to 3.1.1 when the broker does not know it; 4 = MQTT 3.1.1'),
        clientId: text().optional().describe('must be unique on the broker; default: anomalyd-<gateway>'),
        username: text().optional(),
        password: secret()
          .optional()
          .describe('{file: path}, {env: NAME}, {credential: name} of systemd, or the text itself'),
        ca: fileContent()
          .optional()
          .describe("PEM file of the authority that signed the broker's certificate; default: the well-known ones"),
        cert: fileContent().optional().describe('PEM file of our own certificate, for brokers that ask for one (mTLS)'),
        key: fileContent().optional().describe('PEM file of its private key'),
        servername: text().optional().describe("name in the broker's certificate, where it is not the host of `url`"),
        keepaliveS: z.int().min(0).max(65_535).default(30).describe('silence after which a ping is sent; 0 = never'),
        connectTimeoutS: seconds.default(10).describe('patience with one attempt to connect'),
        retryMaxS: seconds
          .default(30)
          .describe('longest pause between two attempts; the first is 1 s and each doubles'),
        cleanStart: z
          .boolean()
          .default(false)
          .describe('true = forget at every start what the broker kept for us while we were away'),
        sessionExpiryS: z
          .int()
          .min(0)
          .max(0xffffffff)
          .default(3600)
          .describe('how long the broker keeps QoS 1 messages for us while we are away (MQTT 5)'),
      })
      .superRefine((broker, check) => {
        const missing = (key: string, message: string) => check.addIssue({ code: 'custom', path: [key], message });
        if (broker.embedded === undefined && broker.url === undefined) missing('url', 'is missing; it must be a text');
        if (broker.embedded !== undefined && broker.url !== undefined)
          missing('embedded', 'is for gateways without another broker: take away `url`, or this');
        if (broker.cert !== undefined && broker.key === undefined) missing('cert', 'needs `key` beside it');
        if (broker.key !== undefined && broker.cert === undefined) missing('key', 'needs `cert` beside it');
        if (broker.password !== undefined && broker.username === undefined)
          missing('password', 'needs `username` beside it');
        const url = broker.url ?? (broker.embedded === undefined ? '' : embeddedUrl(broker.embedded));
        if (!/^(mqtts|wss):/.test(url))
          for (const key of ['ca', 'cert', 'key', 'servername'] as const)
            if (broker[key] !== undefined)
              missing(key, 'is of no use without TLS: `url` must start with mqtts:// or wss://');
      })
      // Where to find our own broker, for other commands on this host.
      .transform(({ url, ...broker }) => ({
        ...broker,
        url: url ?? (broker.embedded === undefined ? '' : embeddedUrl(broker.embedded)),
      }))
  );
};

export type BrokerConfig = z.infer<ReturnType<typeof brokerSchema>>;

function checkUrl(raw: string, check: z.RefinementCtx): void {
  if (raw === '') return;
  const say = (message: string) => check.addIssue({ code: 'custom', message });
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  if (url === undefined || url.hostname === '') {
    say('is no URL; it looks like mqtt://host:1883');
  } else if (!['mqtt:', 'mqtts:', 'ws:', 'wss:'].includes(url.protocol)) {
    say(`can't speak ${url.protocol}//; use mqtt://, mqtts://, ws:// or wss://`);
  } else if (url.username !== '' || url.password !== '') {
    say('must hold no user and password; use `username` and `password`');
  }
}

/** True when a connection made by one config serves the other, so that a reload need not reconnect. */
export function sameBroker(a: BrokerConfig, b: BrokerConfig): boolean {
  const secrets = ['password', 'ca', 'cert', 'key'] as const;
  const same = secrets.every((key) => a[key]?.equals(b[key]) ?? b[key] === undefined);
  // The embedded broker sees to its own changes.
  const rest = (broker: BrokerConfig) => JSON.stringify({ ...broker, embedded: broker.embedded !== undefined });
  return same && rest(a) === rest(b);
}
