/** The config files that the demo writes for the other programs; readers may keep them as a start. */
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { defaultTopic } from '../publish.js';
import { signalNames, signals } from '../signals.js';
/** `train.yaml`: learn the fleet from one recording. */
export function trainingConfig(recording, seed, rateHz) {
    return stringify({
        name: 'pump',
        seed,
        data: { files: recording },
        signals: signalNames.map((name) => ({
            name,
            unit: signals[name].unit,
            description: signals[name].description,
        })),
        periodMs: 1000 / rateHz,
    });
}
/** `config.yaml`: listen to the fleet on the demo's broker. Files named on the command line are relative to where it was given. */
export function daemonConfig(broker, bundle, metricsPort, stateDir) {
    const { broker: url, username, passwordFile, ca, cert, key } = broker;
    return stringify({
        gateway: 'demo',
        broker: {
            url,
            ...(username === undefined ? {} : { username }),
            ...(passwordFile === undefined ? {} : { password: { file: resolve(passwordFile) } }),
            ...(ca === undefined ? {} : { ca: resolve(ca) }),
            ...(cert === undefined ? {} : { cert: resolve(cert) }),
            ...(key === undefined ? {} : { key: resolve(key) }),
        },
        bundles: [{ name: 'pump', path: bundle }],
        inputs: [{ topic: defaultTopic, time: '$.ts' }],
        metrics: { listen: `127.0.0.1:${metricsPort}` },
        stateDir,
    });
}
//# sourceMappingURL=configs.js.map