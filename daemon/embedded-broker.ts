/** An MQTT 3.1.1 broker in this thread: who may come in, what they may say and hear, and what of it goes to the daemon. */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import { authenticate } from './embedded-accounts.js';
import { Audience, type Emitter } from './embedded-audience.js';
import { Door } from './embedded-door.js';
import type { BrokerSettings } from './embedded-orders.js';
import { Rights } from './embedded-permissions.js';
import { bound, type Store } from './embedded-queues.js';
import type { RingWriter } from './embedded-ring.js';
import { type Fate, pullThrough, Shortcut, ShortTopics, type Source } from './shortcut.js';
import { matchTopic, parseTopicTemplate, type TopicTemplate } from './topic.js';

type Say = (level: 'info' | 'warn', text: string) => void;

/** A client that reads nothing for this long is thrown out: what waits for it takes memory. */
const drainTimeoutMs = 10_000;
/** The same complaint about the same client is told once in this many. */
const maxComplaints = 1000;
const maxTopics = 200_000;

const nothing: BrokerSettings = {
  listen: { port: 0 },
  accounts: new Map(),
  anonymous: false,
  permissions: [],
  maxClients: 0,
  inputs: [],
  base: '',
};

export class EmbeddedBroker {
  private settings = nothing;
  private readonly aedes: Aedes;
  private readonly door: Door;
  private readonly own = new WeakSet<object>();
  private readonly users = new WeakMap<Client, string>();
  private readonly rights = new WeakMap<Client, Rights>();
  private inputs: readonly TopicTemplate[] = [];
  /** Topics seen: whether they are inputs. */
  private readonly topics = new Map<string, boolean>();
  /** Publications that wait for room in the ring, in order. */
  private held: (() => void)[] = [];
  private readonly told = new Set<string>();
  private readonly audience: Audience;
  private readonly shortcuts = new Map<Shortcut, Socket>();
  /** Counts up whenever settings change. */
  private changes = 0;

  private constructor(
    private readonly ring: RingWriter,
    private readonly say: Say,
  ) {
    this.aedes = new Aedes({
      id: 'anomalyd',
      drainTimeout: drainTimeoutMs,
      maxClientsIdLength: 128,
      preConnect: (_, __, done) => done(null, this.aedes.connectedClients <= this.settings.maxClients),
      authenticate: (client, user, password, done) => {
        this.letIn(client, user, password).then(
          (is) => done(is ? null : refusal(), is),
          () => done(refusal(), false),
        );
      },
      authorizePublish: (client, { topic, payload }, done) => {
        if (client !== null && this.rightsOf(client)?.mayPublish(topic) === false) {
          this.complain(`${this.nameOf(client)} may not publish ${topic}; it is thrown out`);
          done(new Error('not permitted'));
        } else if (!this.isInput(topic)) done();
        else this.pass(topic, typeof payload === 'string' ? Buffer.from(payload) : payload, done);
      },
      authorizeSubscribe: (client, subscription, done) => {
        const may = this.rightsOf(client)?.maySubscribe(subscription.topic) ?? true;
        if (!may) this.complain(`${this.nameOf(client)} may not subscribe ${subscription.topic}`);
        done(null, may ? subscription : null);
      },
    });
    this.aedes.on('clientError', (client, error) => this.complain(`${this.nameOf(client)}: ${error.message}`));
    this.aedes.on('connectionError', (_, error) =>
      this.complain(`a connection ended before its login: ${error.message}`),
    );
    this.audience = new Audience((this.aedes as unknown as { mq: Emitter }).mq);
    this.door = new Door((socket) => this.welcome(socket));
  }

  static async create(ring: RingWriter, say: Say): Promise<EmbeddedBroker> {
    const broker = new EmbeddedBroker(ring, say);
    await broker.aedes.listen();
    bound((broker.aedes as unknown as { persistence: Store }).persistence);
    return broker;
  }

  /** Puts settings in force; clients that they no longer let in are thrown out. Gives what is wrong, and then nothing has changed. */
  async configure(settings: BrokerSettings): Promise<{ key: string; problem: string } | undefined> {
    const problem = await this.door.open(settings);
    if (problem !== undefined) return problem;
    const before = this.settings;
    this.settings = settings;
    this.inputs = settings.inputs.map(parseTopicTemplate).filter((template) => typeof template !== 'string');
    this.topics.clear();
    this.told.clear();
    this.changes++;
    if (before === nothing) return undefined;
    const clients = (this.aedes as unknown as { clients: Record<string, Client> }).clients;
    for (const client of Object.values(clients))
      if (!this.own.has(client.conn) && this.isAnother(client, before)) client.close();
    return undefined;
  }

  /** Our own client: it needs no password and may do everything. */
  admit(stream: Duplex): void {
    this.own.add(stream);
    this.aedes.handle(stream);
  }

  /** There is room in the ring. */
  resume(): void {
    const { held } = this;
    this.held = [];
    for (const go of held) go();
    // Whoever has hung up meanwhile is asked for no more bytes: what came from him is taken here.
    for (const [shortcut, socket] of this.shortcuts) if (shortcut.resume()) socket.emit('readable');
    this.dropShortcuts();
  }

  private welcome(socket: Socket): Client {
    const client = this.aedes.handle(socket);
    const topics = new ShortTopics((topic) => this.concernsUsOnly(client, topic));
    const shortcut = new Shortcut({
      isOpen: () => client.connected,
      take: (name, payload) => this.take(topics.find(name, this.changes + this.audience.changes), payload),
      onTaken: () => (client as unknown as { _keepaliveTimer: NodeJS.Timeout | null })._keepaliveTimer?.refresh(),
    });
    pullThrough(socket as unknown as Source, shortcut);
    this.shortcuts.set(shortcut, socket);
    socket.once('close', () => this.dropShortcuts());
    return client;
  }

  /** Those of closed sockets, but for what still waits to be taken. */
  private dropShortcuts(): void {
    for (const [shortcut, socket] of this.shortcuts)
      if (socket.destroyed && !shortcut.waits) this.shortcuts.delete(shortcut);
  }

  private take(topic: string | undefined, payload: Buffer): Fate {
    if (topic === undefined || payload.length > this.ring.maxBytes) return 'left';
    return this.held.length === 0 && this.ring.write(topic, payload) ? 'taken' : 'full';
  }

  private concernsUsOnly(client: Client, topic: string): boolean {
    const isPermitted = this.rightsOf(client)?.mayPublish(topic) ?? true;
    return isPermitted && this.isInput(topic) && !/[+#]/.test(topic) && !this.audience.hears(topic);
  }

  private async letIn(client: Client, user: string | undefined, password: Uint8Array | undefined): Promise<boolean> {
    const { accounts, anonymous, permissions, tls } = this.settings;
    if (this.own.has(client.conn)) return true;
    const certified = tls?.ca === undefined ? undefined : commonName(client.conn as TLSSocket);
    const name = certified ?? user ?? '';
    const is =
      certified !== undefined ||
      (user === undefined ? anonymous : await authenticate(accounts, user, password ?? new Uint8Array(0)));
    if (!is)
      this.complain(
        user === undefined ? 'a client without a user name is refused' : `wrong user name or password: ${user}`,
      );
    this.users.set(client, name);
    this.rights.set(client, new Rights(permissions, name));
    return is;
  }

  /** Does the client stand on other ground than before? It may connect again. */
  private isAnother(client: Client, before: BrokerSettings): boolean {
    const { accounts, permissions, anonymous } = this.settings;
    const name = this.users.get(client) ?? '';
    const account = (from: BrokerSettings['accounts']) => JSON.stringify(from.get(name) ?? null);
    return (
      JSON.stringify(permissions) !== JSON.stringify(before.permissions) ||
      anonymous !== before.anonymous ||
      account(accounts) !== account(before.accounts)
    );
  }

  /** Undefined for our own client, which may do everything. */
  private rightsOf(client: Client): Rights | undefined {
    return this.own.has(client.conn) ? undefined : (this.rights.get(client) ?? new Rights([], ''));
  }

  private isInput(topic: string): boolean {
    const known = this.topics.get(topic);
    if (known !== undefined) return known;
    const is =
      topic !== this.settings.base &&
      !topic.startsWith(`${this.settings.base}/`) &&
      this.inputs.some((template) => matchTopic(template, topic) !== undefined);
    if (this.topics.size >= maxTopics) this.topics.clear();
    this.topics.set(topic, is);
    return is;
  }

  /** Into the ring, in order; while it is full nothing is read from whoever publishes, so that the pressure reaches the sender. */
  private pass(topic: string, payload: Uint8Array, done: (error?: Error | null) => void): void {
    if (payload.length > this.ring.maxBytes) done(new Error('message too large'));
    else if (this.held.length > 0 || !this.ring.write(topic, payload))
      this.held.push(() => this.pass(topic, payload, done));
    else done();
  }

  private nameOf(client: Client): string {
    const user = this.users.get(client);
    return `client ${client.id}${user ? ` (user ${user})` : ''}`;
  }

  private complain(text: string): void {
    if (this.told.has(text)) return;
    if (this.told.size >= maxComplaints) this.told.clear();
    this.told.add(text);
    this.say('warn', `embedded broker: ${text}`);
  }
}

/** CONNACK 5: not authorized. */
function refusal(): AuthenticateError {
  return Object.assign(new Error('wrong user name or password'), { returnCode: 5 as const });
}

function commonName(socket: TLSSocket): string | undefined {
  const name = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : name?.[0];
}
