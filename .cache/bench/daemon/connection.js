/** The connection to the broker over the daemon's life: one `Broker` after another as the config changes, what is counted of it, and what the log says. */
import { Broker } from './broker.js';
import { defaultClientId } from './config.js';
import { sameBroker } from './config-broker.js';
import { subscriptions } from './ingest.js';
export class Connection {
    config;
    options;
    /** Connections after the first. */
    reconnects = 0;
    /** Times we could not connect or were thrown out, by kind. */
    troubles = new Map();
    broker;
    everReady = false;
    closing = false;
    /** Connects only at `start`. @throws UserError for a certificate that is none */
    constructor(config, options) {
        this.config = config;
        this.options = options;
        this.broker = this.newBroker(config);
    }
    get connected() {
        return this.broker.connected;
    }
    start() {
        this.broker.start();
    }
    /** Rejects while not connected. */
    publish(topic, payload, how) {
        return this.broker.publish(topic, payload, how);
    }
    /**
     * Makes ready for another config; the function that it gives puts it in force and can't fail: it subscribes anew, or connects anew where it must.
     * @throws UserError for a certificate that is none
     */
    prepare(config) {
        const same = sameBroker(this.config.broker, config.broker) && defaultClientId(this.config) === defaultClientId(config);
        const next = same ? this.broker : this.newBroker(config);
        return async () => {
            this.config = config;
            if (same)
                return this.broker.subscribe(this.subscriptions(config));
            const before = this.broker;
            this.broker = next;
            await before.close();
            this.options.onLost();
            next.start();
        };
    }
    /** Waits for what is in flight, at most `patienceMs`, and takes leave. */
    close(patienceMs) {
        this.closing = true;
        return this.broker.close(patienceMs);
    }
    newBroker(config) {
        const { topics, log, notifier, onMessage, onOwnMessage, onReady, onLost } = this.options;
        const own = `${topics.base}/`;
        const { url } = config.broker;
        let lastTrouble = '';
        const will = { topic: topics.state, payload: JSON.stringify({ state: 'offline' }) };
        const broker = new Broker(config.broker, { clientId: defaultClientId(config), subscriptions: this.subscriptions(config), will }, {
            message: (topic, payload, retained) => {
                if (topic.startsWith(own))
                    onOwnMessage(topic, payload, retained);
                else
                    onMessage(topic, payload, retained);
            },
            ready: (connection) => {
                if (broker !== this.broker)
                    return;
                if (this.everReady)
                    this.reconnects++;
                this.everReady = true;
                lastTrouble = '';
                log.info({ broker: url, ...connection }, 'connected and subscribed');
                notifier.status(`connected to ${url}`);
                onReady();
            },
            disconnected: () => {
                if (broker !== this.broker || this.closing)
                    return;
                log.warn({ broker: url }, 'connection to the broker lost; trying to connect again');
                notifier.status(`not connected to ${url}`);
                onLost();
            },
            trouble: ({ kind, problem, remedy }) => {
                this.troubles.set(kind, (this.troubles.get(kind) ?? 0) + 1);
                // The same trouble again and again is told once.
                log[kind === lastTrouble ? 'debug' : 'error']({ broker: url, kind }, `${problem} ${remedy}`);
                lastTrouble = kind;
            },
            refused: (filter, reason) => log.error({ filter, reason }, 'the broker refuses this subscription; check its permissions'),
        });
        return broker;
    }
    subscriptions(config) {
        const own = this.options.topics.filters.map((topic) => ({ topic, qos: 1 }));
        return subscriptions([...config.inputs, ...own]);
    }
}
