/** The broker connection against a real mosquitto: let in, kept out, lost and found again. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { Aedes } from 'aedes';
import { afterEach, describe, expect, it } from 'vitest';
import { Broker, type BrokerListener, type BrokerOptions } from '../../daemon/broker.js';
import type { Trouble } from '../../daemon/broker-trouble.js';
import { type BrokerConfig, brokerSchema } from '../../daemon/config-broker.js';
import { hostContext } from '../../daemon/config-file.js';
import { configTexts } from '../../daemon/config-text.js';
import { UserError } from '../../model/errors.js';
import { freePort, type Mosquitto, type MosquittoOptions, startMosquitto } from '../fixtures/mosquitto.js';
import { has, real } from '../fixtures/tools.js';

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
});

async function mosquitto(options?: MosquittoOptions, started = true): Promise<Mosquitto> {
  const broker = await startMosquitto(options, { started });
  open.push(broker);
  return broker;
}

function brokerConfig(settings: Record<string, unknown>): BrokerConfig {
  return brokerSchema(configTexts(hostContext('/tmp/none.yaml'))).parse(settings);
}

/** A connection and what it has told so far; `until` waits for something it tells. */
function connect(config: BrokerConfig, options: Partial<BrokerOptions> = {}) {
  const told: string[] = [];
  const troubles: Trouble[] = [];
  let wake = () => {};
  const tell = (text: string) => {
    told.push(text);
    wake();
  };
  const listener: BrokerListener = {
    message: (topic, payload, retained) => tell(`${topic} ${payload.toString()}${retained ? ' retained' : ''}`),
    ready: ({ protocolVersion, sessionPresent }) => tell(`ready ${protocolVersion}${sessionPresent ? ' session' : ''}`),
    disconnected: () => tell('disconnected'),
    refused: (filter, reason) => tell(`refused ${filter} ${reason}`),
    trouble: (trouble) => {
      troubles.push(trouble);
      tell(`trouble ${trouble.kind}`);
    },
  };
  const broker = new Broker(config, { clientId: `test-${open.length}-${process.pid}`, ...options }, listener);
  open.push({ stop: () => broker.close(500) });
  broker.start();
  const until = async (text: string, times = 1) => {
    while (told.filter((line) => line === text).length < times)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  return { broker, told, troubles, until };
}

/** A cable to a port of this machine, to be cut: for good, or for the connection on it; `hold` lets nothing more through to the port on it. */
async function wire(port: number): Promise<{ url: string; cut(): void; drop(): void; hold(): void }> {
  const ends: Socket[] = [];
  const server = createServer((socket) => {
    const far = createConnection({ port, host: '127.0.0.1' });
    ends.push(socket, far);
    for (const end of [socket, far]) end.on('error', () => {});
    socket.pipe(far).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const drop = () => {
    for (const end of ends.splice(0)) end.destroy();
  };
  const cut = () => {
    server.close();
    drop();
  };
  const hold = () => {
    for (const end of ends) end.unpipe();
  };
  open.push({ stop: async () => cut() });
  return { url: `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, cut, drop, hold };
}

/** Messages larger than what comes the short way, small ones, and ones to be acknowledged, all mixed. */
async function hearsAll(config: BrokerConfig): Promise<void> {
  const { told, until } = connect(config, { subscriptions: new Map([['a/#', 1]]) });
  const ready = `ready ${config.protocolVersion}`;
  await until(ready);
  const sender = connect(config, { clientId: `sender-${open.length}` });
  await sender.until(ready);
  const all = Array.from({ length: 3000 }, (_, i) => i);
  const text = (i: number) => `${i}${i % 400 === 0 ? '.'.repeat(70_000) : ''}`;
  const qos = (i: number) => (i % 7 === 3 ? 1 : 0);
  for (let at = 0; at < all.length; at += 500)
    await Promise.all(
      all.slice(at, at + 500).map((i) => sender.broker.publish(`a/${i % 3}ä`, text(i), { qos: qos(i) })),
    );
  await sender.broker.publish('a/0ä', 'end', { qos: 1 });
  await until('a/0ä end');
  // A broker promises the order of one quality of service.
  for (const one of [0, 1]) {
    const heard = told.slice(1, -1).filter((line) => qos(Number.parseInt(line.split(' ')[1] ?? '', 10)) === one);
    expect(heard).toEqual(all.filter((i) => qos(i) === one).map((i) => `a/${i % 3}ä ${text(i)}`));
  }
}

describe.skipIf(!has('mosquitto'))(real('plain mosquitto', 'mosquitto'), () => {
  it.each([4, 5] as const)('receives and publishes with protocol version %i', async (protocolVersion) => {
    const { url } = await mosquitto();
    const { broker, until } = connect(brokerConfig({ url, protocolVersion }), { subscriptions: new Map([['a/+', 1]]) });
    await until(`ready ${protocolVersion}`);
    await broker.publish('a/b', 'hello', { qos: 1 });
    await until('a/b hello');
    expect(broker.connected).toBe(true);
    expect(broker.inFlight).toBe(0);
  });

  it.each([4, 5] as const)('hears everything in order with protocol version %i', async (protocolVersion) => {
    const { url } = await mosquitto();
    await hearsAll(brokerConfig({ url, protocolVersion }));
  });

  it('starts with the broker down and finds it when it comes', async () => {
    const server = await mosquitto({}, false);
    const { until, troubles, broker } = connect(brokerConfig({ url: server.url }), {
      subscriptions: new Map([['a', 0]]),
    });
    await until('trouble unreachable');
    expect(broker.connected).toBe(false);
    expect(troubles[0]?.problem).toBe(`nothing answers at ${server.url}.`);
    await expect(broker.publish('a', 'x')).rejects.toThrow('not connected');
    await server.up();
    await until('ready 5');
  });

  it('comes back after a restart of the broker and hears again', async () => {
    const server = await mosquitto();
    const { until, broker } = connect(brokerConfig({ url: server.url }), { subscriptions: new Map([['a', 1]]) });
    await until('ready 5');
    await server.down();
    await until('disconnected');
    await server.up();
    await until('ready 5', 2);
    await broker.publish('a', 'after');
    await until('a after');
    expect(broker.connections).toBe(2);
  });

  it('delivers what was in flight when the connection broke, once it is back', async () => {
    const server = await mosquitto();
    const { until, broker } = connect(brokerConfig({ url: server.url }), { subscriptions: new Map([['a', 1]]) });
    await until('ready 5');
    const stopped = server.down();
    const sent = broker.publish('a', 'in flight', { qos: 1 });
    await stopped;
    await server.up();
    await sent;
    expect(broker.inFlight).toBe(0);
  });

  it('gets from its session what was published while it was away', async () => {
    const { url } = await mosquitto();
    const config = brokerConfig({ url });
    const subscriptions = new Map([['a', 1 as const]]);
    const first = connect(config, { clientId: 'steady', subscriptions });
    await first.until('ready 5');
    await first.broker.close();
    const other = connect(config, { clientId: 'other' });
    await other.until('ready 5');
    await other.broker.publish('a', 'missed', { qos: 1 });
    const second = connect(config, { clientId: 'steady', subscriptions });
    await second.until('a missed');
    await second.until('ready 5 session');
  });

  it('leaves its last will when it vanishes, and not when it takes leave', async () => {
    const { url, port } = await mosquitto();
    const watcher = connect(brokerConfig({ url }), { subscriptions: new Map([['state', 1]]) });
    await watcher.until('ready 5');
    const polite = connect(brokerConfig({ url }), { will: { topic: 'state', payload: 'polite offline' } });
    await polite.until('ready 5');
    await polite.broker.close();
    const cable = await wire(port);
    const rude = connect(brokerConfig({ url: cable.url }), { will: { topic: 'state', payload: 'rude offline' } });
    await rude.until('ready 5');
    cable.cut();
    await watcher.until('state rude offline');
    expect(watcher.told).not.toContain('state polite offline');
  });

  it('says when another client takes its name', async () => {
    const { url } = await mosquitto();
    const config = brokerConfig({ url, retryMaxS: 0.1 });
    const first = connect(config, { clientId: 'twin' });
    await first.until('ready 5');
    connect(config, { clientId: 'twin' });
    await first.until('trouble taken-over');
  });

  it('marks retained messages', async () => {
    const { url } = await mosquitto();
    const writer = connect(brokerConfig({ url }));
    await writer.until('ready 5');
    await writer.broker.publish('a', 'old', { retain: true });
    const reader = connect(brokerConfig({ url }), { subscriptions: new Map([['a', 0]]) });
    await reader.until('a old retained');
  });

  it('changes its subscriptions', async () => {
    const { url } = await mosquitto();
    const { broker, until, told } = connect(brokerConfig({ url }), { subscriptions: new Map([['a', 1]]) });
    await until('ready 5');
    await broker.subscribe(new Map([['b', 1]]));
    await broker.publish('a', '1');
    await broker.publish('b', '2');
    await until('b 2');
    expect(told).not.toContain('a 1');
  });

  it('gives up what its session still holds of an earlier life', async () => {
    const { url } = await mosquitto();
    const config = brokerConfig({ url });
    const held: (readonly string[])[] = [];
    const listener = { subscribed: (filters: readonly string[]) => void held.push(filters) };
    const first = new Broker(config, { clientId: 'steady', subscriptions: new Map([['a', 1]]) }, listener);
    first.start();
    await expect.poll(() => held).toEqual([['a']]);
    await first.close();
    const { broker, until, told } = connect(config, {
      clientId: 'steady',
      subscriptions: new Map([['b', 1]]),
      formerly: held[0] ?? [],
    });
    await until('ready 5 session');
    await broker.publish('a', '1');
    await broker.publish('b', '2');
    await until('b 2');
    expect(told).not.toContain('a 1');
  });

  it('changes its subscriptions on the next connection where the broker does not answer', async () => {
    const { url } = await mosquitto();
    const cable = await wire(Number(new URL(url).port));
    const { broker, until, told } = connect(brokerConfig({ url: cable.url, connectTimeoutS: 1, retryMaxS: 1 }), {
      subscriptions: new Map([['a', 1]]),
    });
    await until('ready 5');
    cable.hold();
    await broker.subscribe(new Map([['b', 1]]));
    const asked = broker.subscribe(new Map([['b', 1]]));
    cable.drop();
    await asked;
    await until('ready 5 session');
    await broker.publish('a', '1');
    await broker.publish('b', '2');
    await until('b 2');
    expect(told).not.toContain('a 1');
  });
});

describe.skipIf(!has('mosquitto'))(real('mosquitto with passwords', 'mosquitto'), () => {
  it('lets the right password of a file in, and names a wrong one without showing it', async () => {
    const server = await mosquitto({ users: { gateway: 'right' } });
    const file = path.join(server.dir, 'password');
    writeFileSync(file, 'right\n');
    const good = connect(brokerConfig({ url: server.url, username: 'gateway', password: { file } }));
    await good.until('ready 5');
    for (const protocolVersion of [4, 5]) {
      const wrong = { url: server.url, username: 'gateway', password: 'sesame', protocolVersion };
      const { troubles, until } = connect(brokerConfig(wrong));
      await until('trouble credentials');
      expect(troubles[0]).toEqual({
        kind: 'credentials',
        key: 'broker.password',
        problem: `the broker at ${server.url} does not let gateway in.`,
        remedy: 'Check `username` and `password`, and that the broker knows them.',
      });
    }
  });

  it('keeps trying after a wrong password, and is let in when the broker has learned it', async () => {
    const server = await mosquitto({ users: { other: 'x' } });
    const { until } = connect(brokerConfig({ url: server.url, username: 'gateway', password: 'new' }));
    await until('trouble credentials');
    await server.down();
    const { execFileSync } = await import('node:child_process');
    execFileSync('mosquitto_passwd', ['-b', path.join(server.dir, 'passwords'), 'gateway', 'new'], { stdio: 'pipe' });
    await server.up();
    await until('ready 5');
  });
});

describe.skipIf(!has('mosquitto', 'openssl'))(real('mosquitto with TLS', 'mosquitto', 'openssl'), () => {
  it('trusts the authority that `ca` names, and says so when it is another one', async () => {
    const server = await mosquitto({ tls: 'server' });
    const other = await mosquitto({ tls: 'server' });
    const good = connect(brokerConfig({ url: server.url, ca: server.certificates!.ca }));
    await good.until('ready 5');
    const bad = connect(brokerConfig({ url: server.url, ca: other.certificates!.ca }));
    await bad.until('trouble tls-untrusted');
    expect(bad.troubles[0]?.key).toBe('broker.ca');
    const none = connect(brokerConfig({ url: server.url }));
    await none.until('trouble tls-untrusted');
  });

  it('hears everything in order', async () => {
    const server = await mosquitto({ tls: 'server' });
    await hearsAll(brokerConfig({ url: server.url, ca: server.certificates!.ca }));
  });

  it('checks the name in the certificate', async () => {
    const server = await mosquitto({ tls: 'server' });
    const config = { url: server.url, ca: server.certificates!.ca };
    await connect(brokerConfig({ ...config, servername: 'elsewhere' })).until('trouble tls-name');
    await connect(brokerConfig({ ...config, servername: 'localhost' })).until('ready 5');
  });

  it('shows its own certificate where one is asked for, and says when it is missed', async () => {
    const server = await mosquitto({ tls: 'mutual', acl: 'user gateway\ntopic readwrite a\n' });
    const { ca, client } = server.certificates!;
    const good = connect(brokerConfig({ url: server.url, ca, ...client }), { subscriptions: new Map([['a', 1]]) });
    await good.until('ready 5');
    await good.broker.publish('a', 'hi');
    await good.until('a hi');
    const bad = connect(brokerConfig({ url: server.url, ca }));
    await bad.until('trouble tls-client');
    const stranger = (await mosquitto({ tls: 'mutual' })).certificates!.client;
    await connect(brokerConfig({ url: server.url, ca, ...stranger })).until('trouble tls-client');
  });

  it('tells a plain port from one with TLS', async () => {
    const plain = await mosquitto();
    const secure = await mosquitto({ tls: 'server' });
    await connect(brokerConfig({ url: `mqtts://127.0.0.1:${plain.port}` })).until('trouble closed');
    await connect(brokerConfig({ url: `mqtt://127.0.0.1:${secure.port}` })).until('trouble closed');
  });

  it('refuses files that are no certificates before it connects', async () => {
    const server = await mosquitto({ tls: 'mutual' });
    const { ca, client, server: theirs } = server.certificates!;
    const make = (files: Record<string, string>) => () => connect(brokerConfig({ url: server.url, ca, ...files }));
    const junk = path.join(server.dir, 'junk.pem');
    writeFileSync(junk, 'junk');
    expect(make({ ca: junk })).toThrow(
      new UserError(`${junk} is no PEM file.`, { key: 'broker.ca' }, 'A PEM file has a line -----BEGIN ...-----.'),
    );
    expect(make({ cert: client.cert, key: theirs.key })).toThrow('`key` does not belong to `cert`');
  });
});

describe('other brokers', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function listen(server: Server): Promise<string> {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  it('falls back to MQTT 3.1.1 where the broker does not know 5', async () => {
    const aedes = await Aedes.createBroker();
    const url = await listen(createServer(aedes.handle));
    const { until, troubles } = connect(brokerConfig({ url }), { subscriptions: new Map([['a', 1]]) });
    await until('ready 4');
    expect(troubles).toEqual([]);
    aedes.close();
  });

  it('reports each subscription that is refused, and hears the others', async () => {
    const aedes = await Aedes.createBroker();
    aedes.authorizeSubscribe = (_, subscription, done) => done(null, subscription.topic === 'no' ? null : subscription);
    const url = await listen(createServer(aedes.handle));
    const { until, broker } = connect(brokerConfig({ url }), {
      subscriptions: new Map([
        ['no', 1],
        ['yes', 1],
      ]),
    });
    await until('ready 4');
    await until('refused no 128');
    await broker.publish('yes', 'hi');
    await until('yes hi');
    aedes.close();
  });

  it('says when a broker that let us in answers no more', async () => {
    const server = await mosquitto();
    const cable = await wire(server.port);
    const { until, troubles } = connect(brokerConfig({ url: cable.url, keepaliveS: 1 }));
    await until('ready 5');
    cable.hold();
    await until('trouble timeout');
    expect(troubles[0]?.problem).toBe(`${cable.url} does not answer in time.`);
  });

  it('gives up an attempt that nobody answers', async () => {
    const url = await listen(createServer(() => {}));
    await connect(brokerConfig({ url, connectTimeoutS: 0.2 })).until('trouble timeout');
  });

  it('tells an unknown host from one that does not answer', async () => {
    await connect(brokerConfig({ url: 'mqtt://no-such-host.invalid' })).until('trouble host-name');
    await connect(brokerConfig({ url: `mqtt://127.0.0.1:${await freePort()}` })).until('trouble unreachable');
  });
});
