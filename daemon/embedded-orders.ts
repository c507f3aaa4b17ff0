/** What the main thread and the embedded broker's thread say to each other. */
import type { MessagePort } from 'node:worker_threads';
import type { Accounts } from './embedded-accounts.js';
import type { Permission } from './embedded-permissions.js';
import type { Listen } from './listen.js';

/** PEM texts. */
export interface TlsTexts {
  readonly cert: string;
  readonly key: string;
  /** Clients must show a certificate of this authority; its common name is their user name. */
  readonly ca?: string;
}

/** Everything that the config says of the broker, ready for use. */
export interface BrokerSettings {
  readonly listen: Listen;
  readonly tls?: TlsTexts;
  readonly accounts: Accounts;
  /** Clients without user name are let in. */
  readonly anonymous: boolean;
  readonly permissions: readonly Permission[];
  readonly maxClients: number;
  /** Filters whose messages go to the daemon, by the ring. */
  readonly inputs: readonly string[];
  /** Topics below this never do. */
  readonly base: string;
}

export type BrokerOrder =
  | { readonly order: 'configure'; readonly settings: BrokerSettings }
  /** Our own client comes in by this port. */
  | { readonly order: 'admit'; readonly port: MessagePort }
  /** There is room in the ring again. */
  | { readonly order: 'room' };

export type BrokerReport =
  | { readonly report: 'configured' }
  /** The old settings stay in force. */
  | { readonly report: 'refused'; readonly key: string; readonly problem: string }
  /** Messages are in the ring. */
  | { readonly report: 'messages' }
  | { readonly report: 'said'; readonly level: 'info' | 'warn'; readonly text: string };

/** `workerData` of the thread. */
export interface BrokerStart {
  readonly ring: SharedArrayBuffer;
}
