/** What can go wrong between us and a broker: error codes -> kinds for metrics, and texts that say what to do. */
import { type Place, UserError } from '../model/errors.js';
import type { BrokerConfig } from './config-broker.js';

/** Kinds are label values: few, and stable. */
export type TroubleKind =
  | 'unreachable'
  | 'host-name'
  | 'timeout'
  | 'closed'
  | 'credentials'
  | 'client-id'
  | 'unavailable'
  | 'protocol'
  | 'taken-over'
  | 'tls-untrusted'
  | 'tls-name'
  | 'tls-expired'
  | 'tls-client'
  | 'tls-none'
  | 'other';

export interface Trouble {
  readonly kind: TroubleKind;
  readonly problem: string;
  readonly remedy: string;
  /** Key in the config that most likely needs a change. */
  readonly key: string;
}

type Text = readonly [key: string, problem: string, remedy: string];

/** `{url}`, `{host}` and `{user}` are put in place. */
const texts: Readonly<Record<TroubleKind, Text>> = {
  unreachable: [
    'broker.url',
    'nothing answers at {url}.',
    'Is the broker running there, and does a firewall let us through?',
  ],
  'host-name': ['broker.url', 'no address is known for the host {host}.', 'Check its spelling, or use the IP address.'],
  timeout: ['broker.url', '{url} does not answer in time.', 'Is it an MQTT port, and is the network up?'],
  closed: [
    'broker.url',
    '{url} closed the connection without an answer.',
    'Is it an MQTT port? A port with TLS needs mqtts://, one without mqtt://. The log of the broker may say more.',
  ],
  credentials: [
    'broker.password',
    'the broker at {url} does not let {user} in.',
    'Check `username` and `password`, and that the broker knows them.',
  ],
  'client-id': ['broker.clientId', 'the broker at {url} does not accept the client id.', 'Set another `clientId`.'],
  unavailable: [
    'broker.url',
    'the broker at {url} says it is unavailable.',
    'It may be starting or full; its log may say more.',
  ],
  protocol: [
    'broker.protocolVersion',
    '{url} does not speak this version of MQTT.',
    'Try `protocolVersion: 4`, and check that it is an MQTT port.',
  ],
  'taken-over': [
    'broker.clientId',
    '{url} keeps dropping us: another client seems to have the same client id.',
    'Give each anomalyd a `clientId` or `gateway` name of its own.',
  ],
  'tls-untrusted': [
    'broker.ca',
    "the broker's certificate at {url} is not signed by an authority that we trust.",
    'Set `ca` to the PEM file of the authority that signed it.',
  ],
  'tls-name': [
    'broker.servername',
    "the broker's certificate is not for {host}.",
    'Use the host name that the certificate is for, or set `servername` to it.',
  ],
  'tls-expired': [
    'broker.ca',
    "the broker's certificate at {url}, or its authority's, is not valid today.",
    'Renew it, or set the clock of this machine right.',
  ],
  'tls-client': [
    'broker.cert',
    'the broker at {url} refuses our certificate, or misses one.',
    'Set `cert` and `key` to a certificate that its authority has signed.',
  ],
  'tls-none': ['broker.url', '{url} does not speak TLS.', 'Use mqtt://, or the port of the broker that has TLS.'],
  other: ['broker.url', "can't connect to {url}.", ''],
};

const kinds: Readonly<Record<string, TroubleKind>> = {
  ECONNREFUSED: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENOTFOUND: 'host-name',
  EAI_AGAIN: 'host-name',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  // CONNACK of MQTT 3.1.1 (3.2.2.3) and MQTT 5 (3.2.2.2)
  1: 'protocol',
  2: 'client-id',
  3: 'unavailable',
  4: 'credentials',
  5: 'credentials',
  129: 'protocol',
  130: 'protocol',
  132: 'protocol',
  133: 'client-id',
  134: 'credentials',
  135: 'credentials',
  136: 'unavailable',
  137: 'unavailable',
  138: 'credentials',
  140: 'credentials',
  142: 'taken-over',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls-untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls-untrusted',
  CERT_SIGNATURE_FAILURE: 'tls-untrusted',
  CERT_UNTRUSTED: 'tls-untrusted',
  INVALID_CA: 'tls-untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-name',
  HOSTNAME_MISMATCH: 'tls-name',
  CERT_HAS_EXPIRED: 'tls-expired',
  CERT_NOT_YET_VALID: 'tls-expired',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'tls-client',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'tls-client',
  ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR: 'tls-client',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'tls-client',
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': 'tls-client',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'tls-client',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'tls-client',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'tls-client',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: 'tls-client',
  ERR_SSL_WRONG_VERSION_NUMBER: 'tls-none',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'tls-none',
  EPROTO: 'tls-none',
};

/** `code`: of an error, a CONNACK or a DISCONNECT; undefined = closed without a word. */
export function describeTrouble(config: Pick<BrokerConfig, 'url' | 'username'>, code: unknown, detail = ''): Trouble {
  const kind = code === undefined ? 'closed' : (kinds[String(code)] ?? 'other');
  const [key, problem, remedy] = texts[kind];
  const url = new URL(config.url);
  const names = { url: config.url, host: url.hostname, user: config.username ?? 'a client without user and password' };
  const fill = (text: string) =>
    Object.entries(names).reduce((filled, [name, value]) => filled.replaceAll(`{${name}}`, value), text);
  const why = kind === 'other' && detail !== '' ? ` (${detail})` : '';
  return { kind, key, problem: fill(problem).replace(/\.$/, `${why}.`), remedy };
}

/** The trouble as the error that ends `anomalyd check`. */
export function troubleError(trouble: Trouble, place: Place): UserError {
  return new UserError(trouble.problem, { key: trouble.key, ...place }, trouble.remedy);
}
