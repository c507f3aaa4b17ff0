/** The embedded broker's listening socket, plain or TLS; opened anew when the config says so. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { BrokerSettings, TlsTexts } from './embedded-orders.js';
import type { Listen } from './listen.js';

type Settings = Pick<BrokerSettings, 'listen' | 'tls' | 'maxClients'>;

export interface DoorProblem {
  /** Which setting is at fault. */
  readonly key: string;
  readonly problem: string;
}

/** A connection that has sent this much and not logged in is no MQTT client. */
const maxLoginBytes = 65_536;
const loginMs = 10_000;

export class Door {
  private server: Server | undefined;
  private settings: Settings | undefined;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly welcome: (socket: Socket) => { readonly connected: boolean }) {}

  /** Listens as the settings say; gives what is wrong, and then all is as before. */
  async open(settings: Settings): Promise<DoorProblem | undefined> {
    const { server, settings: before } = this;
    if (server !== undefined && before !== undefined && samePlace(before, settings)) {
      server.maxConnections = settings.maxClients;
      try {
        if (settings.tls !== undefined) (server as TlsServer).setSecureContext(settings.tls);
      } catch (error) {
        return { key: 'broker.embedded.tls', problem: String(error) };
      }
      this.settings = settings;
      return undefined;
    }
    await this.close();
    try {
      this.server = await this.listen(settings);
      this.settings = settings;
      return undefined;
    } catch (error) {
      // As it was, if it was open.
      if (before !== undefined) this.server = await this.listen(before);
      return describe(error, settings.listen);
    }
  }

  /** Everybody is sent away. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(server, 'close');
  }

  private async listen({ listen, tls, maxClients }: Settings): Promise<Server> {
    const server = tls === undefined ? createServer() : createTlsServer(tlsOptions(tls));
    server.maxConnections = maxClients;
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => this.admit(socket));
    server.listen({ ...listen, ...(listen.host === undefined && { host: '::' }) });
    await once(server, 'listening');
    return server;
  }

  private admit(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    const client = this.welcome(socket);
    const watch = setInterval(() => {
      if (client.connected) clearInterval(watch);
      else if (socket.bytesRead > maxLoginBytes) socket.destroy();
    }, 100);
    const patience = setTimeout(() => {
      if (!client.connected) socket.destroy();
    }, loginMs);
    socket.once('close', () => {
      clearInterval(watch);
      clearTimeout(patience);
      this.sockets.delete(socket);
    });
  }
}

function tlsOptions({ cert, key, ca }: TlsTexts) {
  return { cert, key, ...(ca !== undefined && { ca, requestCert: true, rejectUnauthorized: true }) };
}

/** New certificates alone need no new socket. */
function samePlace(a: Settings, b: Settings): boolean {
  const place = ({ listen, tls }: Settings) => JSON.stringify([listen, tls === undefined, tls?.ca]);
  return place(a) === place(b);
}

function describe(error: unknown, { host, port }: Listen): DoorProblem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const at = host === undefined ? `port ${port}` : `${host}:${port}`;
  const problems: Readonly<Record<string, string>> = {
    EADDRINUSE: `${at} is taken by another program, perhaps by another broker.`,
    EACCES: `No permission to listen at ${at}.`,
    EADDRNOTAVAIL: `${host} is no address of this host.`,
    ENOTFOUND: `No address is known for ${host}.`,
  };
  const problem = problems[code];
  if (problem !== undefined) return { key: 'broker.embedded.listen', problem };
  return { key: 'broker.embedded.tls', problem: `Can't be used: ${error instanceof Error ? error.message : error}.` };
}
