import { refusals } from './assets.js';
import { Decoder } from './decode.js';
import { readingRejections, rejectionIndex } from './rejections.js';
import { leastFilters, matchTopic, parseTopicTemplate } from './topic.js';
export function ingestCounters() {
    const rejected = new Float64Array(readingRejections.length);
    return { messages: 0, bytes: 0, unmatched: 0, readings: 0, surplus: 0, rejected };
}
/** Topics are the sender's to invent: their memory is bounded, and forgotten as a whole when it is full. */
const maxTopics = 200_000;
/** Which filters to subscribe for these inputs. */
export function subscriptions(inputs) {
    return leastFilters(inputs.map(({ topic, qos }) => ({ filter: template(topic).filter, qos })));
}
export class Ingest {
    #inputs;
    #targets = new Map();
    #assets;
    #counters;
    #sink;
    #maxFutureMs;
    #ownTopics;
    // The message and the row under way.
    #target;
    #bundle = 0;
    #slot = 0;
    #timeMs = 0;
    #nowMs = 0;
    constructor({ config, bundles, assets, counters, sink, learn }) {
        this.#assets = assets;
        this.#counters = counters;
        this.#sink = sink;
        this.#maxFutureMs = config.alignment.maxFutureMs;
        this.#ownTopics = config.publish.base;
        this.#inputs = config.inputs.map((input) => {
            const bundle = bundles.findIndex(({ name }) => name === input.bundle);
            const channels = bundles[bundle]?.channels.map(({ name }) => name);
            if (channels === undefined)
                throw new RangeError(`there is no bundle ${input.bundle}`);
            const asset = input.asset ?? '{asset}';
            return {
                template: template(input.topic),
                bundle,
                decoder: new Decoder(input, channels, learn && ((signal) => learn(bundle, signal))),
                asset: asset.startsWith('$') ? undefined : asset,
            };
        });
    }
    /** Never throws for anything a sender can do. `nowMs` is the time of arrival. */
    message(topic, payload, nowMs, retained = false) {
        const counters = this.#counters;
        counters.messages++;
        counters.bytes += payload.length;
        this.#nowMs = nowMs;
        const targets = this.#targets.get(topic) ?? this.#resolve(topic);
        if (targets.length === 0)
            counters.unmatched++;
        for (let i = 0; i < targets.length; i++) {
            const target = targets[i];
            if (target === undefined)
                continue;
            this.#target = target;
            const arrival = { channel: target.channel, retained, nowMs };
            target.decoder.decode(payload, arrival, this);
        }
    }
    row(asset, timeMs) {
        const target = this.#target;
        if (target === undefined)
            return false;
        if (timeMs > this.#nowMs + this.#maxFutureMs) {
            this.reject(rejectionIndex.future);
            return false;
        }
        let slot = target.slot;
        if (asset !== undefined) {
            slot = this.#assets.slot(target.bundle, asset);
        }
        else if (slot < 0) {
            slot = this.#assets.slot(target.bundle, target.asset ?? '');
            target.slot = slot;
        }
        if (slot < 0) {
            this.reject(slot === refusals.tooMany ? rejectionIndex['too-many-assets'] : rejectionIndex['asset-name']);
            return false;
        }
        this.#bundle = target.bundle;
        this.#slot = slot;
        this.#timeMs = timeMs;
        return true;
    }
    reading(channel, value) {
        const counters = this.#counters;
        this.#assets.saw(this.#bundle, this.#slot, channel, this.#nowMs);
        const fate = this.#sink(this.#bundle, this.#slot, channel, this.#timeMs, value, this.#nowMs);
        if (fate === 'accepted')
            counters.readings++;
        else if (fate === 'surplus')
            counters.surplus++;
        else
            this.reject(rejectionIndex[fate]);
    }
    reject(reason) {
        const { rejected } = this.#counters;
        rejected[reason] = (rejected[reason] ?? 0) + 1;
    }
    /** Every input that matches takes the message, in the config's order: one message may speak of several assets. */
    #resolve(topic) {
        const own = topic === this.#ownTopics || topic.startsWith(`${this.#ownTopics}/`);
        const targets = own
            ? []
            : this.#inputs.flatMap(({ template, bundle, decoder, asset }) => {
                const found = matchTopic(template, topic);
                if (found === undefined)
                    return [];
                const text = (name) => found[template.names.indexOf(name)] ?? '';
                const name = asset?.replace(/\{([^}]*)\}/g, (_, placeholder) => text(placeholder));
                const channel = template.names.includes('signal') ? decoder.channel(text('signal')) : undefined;
                return [{ bundle, decoder, asset: name, channel, slot: refusals.badName }];
            });
        if (this.#targets.size >= maxTopics)
            this.#targets.clear();
        this.#targets.set(topic, targets);
        return targets;
    }
}
/** The schema has refused templates that do not parse. */
function template(topic) {
    const parsed = parseTopicTemplate(topic);
    if (typeof parsed === 'string')
        throw new TypeError(`${topic}: ${parsed}`);
    return parsed;
}
