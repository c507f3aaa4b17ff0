import { signals } from './signals.js';
/** Faults of one transmitter: the value is wrong or missing. */
export const transmitterFaultNames = ['bias', 'drift', 'spike', 'flat-line', 'drop-out'];
/** Faults of the way to the broker: values are right, but the messages are missing, doubled, delayed or badly stamped. */
export const transportFaultNames = ['gap', 'clock-jitter', 'duplicate', 'late'];
export const sensorFaultNames = [...transmitterFaultNames, ...transportFaultNames];
export const transmitterFaults = {
    // A wrong zero after maintenance.
    bias: (value, s, name) => value + s * signals[name].faultScale,
    // Ageing or fouling; severity grows evenly, and the error with it.
    drift: (value, s, name) => value + 1.5 * s * signals[name].faultScale,
    // A loose contact: now and then one sample is far off, to either side.
    spike: (value, s, name, _held, random) => random.chance(0.05) ? value + (random.chance(0.5) ? 1 : -1) * 3 * s * signals[name].faultScale : value,
    // A frozen transmitter repeats its last output.
    'flat-line': (_value, _s, _name, held) => held,
    // A broken wire; below severity 1 an intermittent one.
    'drop-out': (value, s, _name, _held, random) => (random.chance(s) ? null : value),
};
export const transportFaults = {
    gap: (passage) => {
        passage.deliveriesMs = [];
    },
    // A field clock that is read late or early by up to half a period, so that order survives.
    'clock-jitter': (passage, s, periodMs, random) => {
        const shift = Math.max(-0.49, Math.min(0.49, random.normal(0, 0.2 * s)));
        passage.timeMs += Math.round(shift * periodMs);
    },
    // QoS 1 redelivery.
    duplicate: (passage, s, periodMs, random) => {
        const first = passage.deliveriesMs[0];
        if (first !== undefined && random.chance(0.6 * s)) {
            passage.deliveriesMs.push(first + Math.round(random.uniform(0.1, 2) * periodMs));
        }
    },
    // A congested radio link: some messages are overtaken by later ones.
    late: (passage, s, periodMs, random) => {
        if (random.chance(0.4 * s)) {
            const delayMs = Math.round(random.uniform(1.5, 10) * periodMs);
            passage.deliveriesMs = passage.deliveriesMs.map((at) => at + delayMs);
        }
    },
};
