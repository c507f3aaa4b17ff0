/** Our one connection to the MQTT broker: finds it again by itself, asks for its subscriptions anew, and says what is wrong. */
import { createSecureContext } from 'node:tls';
import mqtt, {} from 'mqtt';
import { UserError } from '../model/errors.js';
import { describeTrouble } from './broker-trouble.js';
const firstRetryMs = 1000;
/** A connection this old has settled. Two clients of one name throw each other out sooner, and not every broker says so. */
const settledMs = 10_000;
const maxUnsettled = 3;
export class Broker {
    #config;
    #listener;
    #options;
    #subscriptions;
    #client;
    #connections = 0;
    #ended = 0;
    #waiting = 0;
    #told = false;
    #unsettled = 0;
    #settling;
    #closing = false;
    /** @throws UserError when certificate or key are none. Connects only at `start`. */
    constructor(config, options, listener = {}) {
        this.#config = config;
        this.#listener = listener;
        this.#options = options;
        this.#subscriptions = options.subscriptions ?? new Map();
        checkCertificates(config);
    }
    get connected() {
        return this.#client?.connected === true;
    }
    /** Connections made so far, the first included. */
    get connections() {
        return this.#connections;
    }
    /** Publications that the broker has not acknowledged yet. */
    get inFlight() {
        return this.#waiting;
    }
    /** Begins to connect and returns at once; never gives up until `close`. */
    start() {
        if (this.#client !== undefined)
            return;
        const client = mqtt.connect(this.#config.url, this.#clientOptions());
        this.#client = client;
        const { message } = this.#listener;
        if (message !== undefined)
            client.on('message', (topic, payload, packet) => message.call(this.#listener, topic, payload, packet.retain));
        client.on('connect', (packet) => this.#onConnect(client, packet.sessionPresent));
        client.on('error', (error) => this.#onError(client, error));
        client.on('disconnect', ({ reasonCode }) => this.#tell(reasonCode ?? 0));
        client.on('reconnect', () => {
            const pause = client.options.reconnectPeriod ?? firstRetryMs;
            client.options.reconnectPeriod = this.#pause(2 * pause);
        });
        client.on('close', () => this.#onClose());
    }
    /**
     * Resolves when the broker has acknowledged (QoS 0: when it is written). What is in flight when the connection breaks is sent again after it.
     * Rejects at once while there is no connection, so that whoever holds the message keeps it.
     */
    publish(topic, payload, { qos = 1, retain = false } = {}) {
        const client = this.#client;
        if (client?.connected !== true)
            return Promise.reject(new Error('not connected to the broker'));
        this.#waiting++;
        return new Promise((resolve, reject) => {
            client.publish(topic, payload, { qos, retain }, (error) => {
                this.#waiting--;
                if (error)
                    reject(error);
                else
                    resolve();
            });
        });
    }
    /** Changes what we listen to, for good. */
    async subscribe(subscriptions) {
        const gone = [...this.#subscriptions.keys()].filter((filter) => !subscriptions.has(filter));
        this.#subscriptions = subscriptions;
        const client = this.#client;
        if (client?.connected !== true)
            return;
        if (gone.length > 0)
            await client.unsubscribeAsync(gone);
        await this.#subscribe(client);
    }
    /** Waits for what is in flight, at most `patienceMs`, and takes leave (no last will). */
    async close(patienceMs = 5000) {
        const client = this.#client;
        this.#closing = true;
        if (client === undefined)
            return;
        const { setTimeout: sleep } = await import('node:timers/promises');
        for (let waited = 0; this.#waiting > 0 && client.connected && waited < patienceMs; waited += 10)
            await sleep(10);
        await client.endAsync(!client.connected || this.#waiting > 0);
    }
    #pause(ms) {
        return Math.min(ms, this.#config.retryMaxS * 1000);
    }
    #clientOptions() {
        const { ca, cert, key, username, password, servername, protocolVersion, ...config } = this.#config;
        const { will, clientId } = this.#options;
        const clean = this.#options.cleanStart ?? config.cleanStart;
        return {
            protocolVersion,
            clientId,
            clean,
            keepalive: config.keepaliveS,
            connectTimeout: config.connectTimeoutS * 1000,
            reconnectPeriod: this.#pause(firstRetryMs),
            reconnectOnConnackError: true,
            // We ask anew ourselves, whatever the broker remembers: its session may be of an older config.
            resubscribe: false,
            queueQoSZero: false,
            ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: clean ? 0 : config.sessionExpiryS } }),
            ...(username !== undefined && { username }),
            ...(password !== undefined && { password: password.reveal() }),
            ...(ca !== undefined && { ca: ca.reveal() }),
            ...(cert !== undefined && { cert: cert.reveal() }),
            ...(key !== undefined && { key: key.reveal() }),
            ...(servername !== undefined && { servername }),
            ...(will !== undefined && { will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
        };
    }
    #onConnect(client, sessionPresent) {
        this.#connections++;
        this.#unsettled++;
        this.#settling = setTimeout(() => {
            this.#settling = undefined;
            this.#unsettled = 0;
            client.options.reconnectPeriod = this.#pause(firstRetryMs);
        }, settledMs).unref();
        // Small packets must not wait for one another (Nagle): QoS 1 would crawl.
        const { stream } = client;
        if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function')
            stream.setNoDelay(true);
        const connection = this.#connections;
        const { protocolVersion = 4 } = client.options;
        this.#subscribe(client).then(() => {
            if (client.connected && connection === this.#connections)
                this.#listener.ready?.({ protocolVersion, sessionPresent });
        }, 
        // Only a lost connection ends here; the next one subscribes again.
        () => { });
    }
    #onClose() {
        const wasConnected = this.#connections > this.#ended;
        this.#ended = this.#connections;
        clearTimeout(this.#settling);
        if (!wasConnected && !this.#told)
            this.#tell(undefined);
        if (wasConnected) {
            this.#listener.disconnected?.();
            if (!this.#told && this.#unsettled >= maxUnsettled)
                this.#tell(142);
        }
        this.#told = false;
    }
    async #subscribe(client) {
        if (this.#subscriptions.size === 0)
            return;
        const filters = [...this.#subscriptions.keys()];
        const wanted = Object.fromEntries([...this.#subscriptions].map(([filter, qos]) => [filter, { qos, rh: 1 }]));
        const answer = await new Promise((resolve, reject) => {
            // A refusal among the answers counts as an error too.
            client.subscribe(wanted, (error, _, packet) => (packet === undefined ? reject(error) : resolve(packet)));
        });
        filters.forEach((filter, i) => {
            const reason = Number(answer.granted[i]);
            if (reason >= 128)
                this.#listener.refused?.(filter, reason);
        });
    }
    #onError(client, error) {
        const code = 'code' in error ? error.code : error.message === 'connack timeout' ? 'ETIMEDOUT' : error.name;
        if ((code === 1 || code === 132) && client.options.protocolVersion === 5) {
            // A broker of MQTT 3.1.1 alone (MQTT 5, 3.1.2.2). It is asked for its version again after a restart.
            client.options.protocolVersion = 4;
            client.options.properties = {};
            client.options.reconnectPeriod = 10;
            this.#told = true;
            return;
        }
        this.#tell(code, error.message);
    }
    #tell(code, detail) {
        if (this.#closing)
            return;
        this.#told = true;
        this.#listener.trouble?.(describeTrouble(this.#config, code, detail));
    }
}
function checkCertificates({ ca, cert, key }) {
    const parts = { ca, cert, key };
    for (const [name, secret] of Object.entries(parts))
        if (secret !== undefined && !secret.reveal().includes('-----BEGIN '))
            throw new UserError(`${secret.origin} is no PEM file.`, { key: `broker.${name}` }, 'A PEM file has a line -----BEGIN ...-----.');
    try {
        createSecureContext(Object.fromEntries(Object.entries(parts).map(([name, secret]) => [name, secret?.reveal()])));
    }
    catch (cause) {
        const mismatch = cause instanceof Error && /key values mismatch/i.test(cause.message);
        throw new UserError(mismatch ? '`key` does not belong to `cert`.' : '`ca`, `cert` or `key` can not be read as a certificate or key.', { key: mismatch ? 'broker.key' : 'broker.cert' }, 'Check them with: openssl x509 -in <file> -noout -text; openssl pkey -in <file> -noout', { cause });
    }
}
