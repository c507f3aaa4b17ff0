/** `anomalyd check`: everything that can be known before a run, every problem at once. */
import { Command } from 'commander';
import { loadBundle } from '../../model/bundle.js';
import { UserError } from '../../model/errors.js';
import { BundleRuntime } from '../../model/runtime.js';
import { Broker } from '../broker.js';
import { probeBroker } from '../broker-probe.js';
import { defaultClientId } from '../config.js';
import { loadConfig } from '../config-file.js';
import { summariseConfig } from '../config-summary.js';
import { subscriptions } from '../ingest.js';
/**
 * A summary of a config that holds: it parses, its bundles load and pass their self-test, the broker lets us in.
 * @throws UserError with every problem, each with file, line, key and remedy
 */
export async function check({ config: file, offline = false }) {
    const config = loadConfig(file);
    const problems = [];
    const bundles = await Promise.all(config.bundles.map(({ path }, i) => checkBundle(path, i, problems)));
    checkSignals(config, bundles, problems);
    const answer = offline ? checkCertificates(config, problems) : await checkBroker(config, problems);
    if (problems.length > 0)
        loadConfig(file, undefined, problems);
    return summariseConfig(file, config, bundles.filter((bundle) => bundle !== undefined), answer);
}
async function checkBundle(path, i, problems) {
    try {
        const bundle = await loadBundle(path);
        const runtime = await BundleRuntime.open(bundle);
        await runtime.close();
        return bundle;
    }
    catch (error) {
        if (!(error instanceof UserError))
            throw error;
        problems.push({ key: ['bundles', i, 'path'], message: error.message });
        return undefined;
    }
}
/** Signals that inputs name must be the bundle's. */
function checkSignals(config, bundles, problems) {
    config.inputs.forEach((input, i) => {
        const bundle = bundles[config.bundles.findIndex(({ name }) => name === input.bundle)];
        if (bundle === undefined)
            return;
        const known = bundle.manifest.channels.map(({ name }) => name);
        const say = (key, part, signal) => {
            if (known.includes(signal))
                return;
            const message = `bundle ${input.bundle} has no signal ${signal}; it has: ${known.join(', ')}`;
            problems.push({ key: ['inputs', i, key, part], message });
        };
        for (const [from, to] of Object.entries(input.signals))
            say('signals', from, to);
        if (typeof input.values === 'object')
            for (const signal of Object.keys(input.values))
                say('values', signal, signal);
    });
}
function checkCertificates(config, problems) {
    try {
        new Broker(config.broker, { clientId: 'check' });
    }
    catch (error) {
        problems.push(brokerProblem(error));
    }
}
async function checkBroker(config, problems) {
    const filters = subscriptions(config.inputs);
    try {
        const result = await probeBroker(config.broker, `${defaultClientId(config)}-check-${process.pid}`, filters);
        if (result.trouble !== undefined) {
            const { key, problem, remedy } = result.trouble;
            problems.push({ key: key.split('.'), message: `${problem} ${remedy}`.trim() });
            return undefined;
        }
        for (const filter of result.refused)
            problems.push({
                key: ['inputs'],
                message: `the broker refuses the subscription to ${filter}; check its permissions`,
            });
        return result;
    }
    catch (error) {
        problems.push(brokerProblem(error));
        return undefined;
    }
}
function brokerProblem(error) {
    if (!(error instanceof UserError))
        throw error;
    return { key: (error.place.key ?? 'broker').split('.'), message: `${error.problem} ${error.remedy}` };
}
export function checkCommand(print = (text) => process.stdout.write(`${text}\n`)) {
    return new Command('check')
        .description('check config, bundles and broker, and list every problem with its line (exit 78)')
        .requiredOption('-c, --config <file>', 'config file')
        .option('--offline', 'do not connect to the broker')
        .action(async (options) => print(await check(options)));
}
