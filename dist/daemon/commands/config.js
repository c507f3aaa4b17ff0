/** `anomalyd config`: an example, a schema for editors, and a config proposed from live traffic. */
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { stringify } from 'yaml';
import { parseDuration } from '../../model/duration.js';
import { UserError } from '../../model/errors.js';
import { parseYamlConfig } from '../../model/yaml.js';
import { Broker } from '../broker.js';
import { troubleError } from '../broker-trouble.js';
import { brokerSchema } from '../config-broker.js';
import { configExample, configJsonSchema, schemaUrl } from '../config-example.js';
import { hostContext } from '../config-file.js';
import { proposeInputs } from '../config-proposal.js';
import { configTexts } from '../config-text.js';
const maxSample = 20_000;
/**
 * The text of a config that reads what is published under `topic` right now.
 * @throws UserError for a broker that does not let us in, or where nothing with numbers comes
 */
export async function proposeConfig(options, say) {
    const { broker: url, username, passwordFile, ca, cert, key, topic, bundle } = options;
    const settings = Object.fromEntries(Object.entries({ url, username, password: passwordFile && { file: passwordFile }, ca, cert, key }).filter(([, value]) => value !== undefined));
    const config = parseYamlConfig(stringify(settings), 'command line', brokerSchema(configTexts(hostContext('command line'))));
    const sample = await listen(config, topic, parseDuration(options.duration, '--duration'), say);
    const proposals = proposeInputs(sample);
    if (proposals.length === 0)
        throw new UserError(`${sample.length} messages came under ${topic}, none of them with numbers.`, { key: '--topic' }, 'Name other topics, listen longer with --duration, or check the permissions at the broker.');
    for (const { topic, messages, topics, assets, signals } of proposals)
        say(`${topic}: ${messages} messages on ${topics} topics; assets ${list(assets)}; signals ${list(signals)}`);
    return [
        '# Proposed by `anomalyd config init` from live messages. Check it with: anomalyd check --config <this file>',
        '# All settings: anomalyd config example',
        `# yaml-language-server: $schema=${schemaUrl}`,
        '',
        stringify({ broker: settings, bundles: [{ path: bundle }], inputs: proposals.map(inputOf) }),
    ].join('\n');
}
function inputOf({ topic, asset, time, rows, values }) {
    return Object.fromEntries(Object.entries({ topic, asset, time, rows, values }).filter((entry) => entry[1] !== undefined));
}
async function listen(config, topic, seconds, say) {
    const sample = [];
    let fail = () => { };
    let ready = () => { };
    const connected = new Promise((resolve, reject) => {
        ready = resolve;
        fail = reject;
    });
    const broker = new Broker(config, { clientId: `anomalyd-${hostname()}-init-${process.pid}`, subscriptions: new Map([[topic, 0]]), cleanStart: true }, {
        message: (topic, payload) => {
            if (sample.length < maxSample)
                sample.push({ topic, payload: Buffer.from(payload) });
        },
        ready: () => ready(),
        trouble: (trouble) => fail(troubleError(trouble, { file: 'command line' })),
        refused: () => fail(new UserError(`the broker refuses the subscription to ${topic}.`, { key: '--topic' }, 'Name another one.')),
    });
    broker.start();
    try {
        await connected;
        say(`Listening to ${topic} for ${seconds} s ...`);
        await sleep(seconds * 1000);
        return sample;
    }
    finally {
        await broker.close(0);
    }
}
function list(names, most = 6) {
    const rest = names.length - most;
    return `${names.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
export function configCommand() {
    const print = (text) => void process.stdout.write(text);
    const command = new Command('config').description('write a config');
    command
        .command('init')
        .description('listen to live messages and propose a config that reads them; an existing file is never overwritten')
        .requiredOption('-b, --broker <url>', 'e.g. mqtt://localhost:1883')
        .option('-t, --topic <filter>', 'topics to listen to, e.g. plant/#', '#')
        .option('-d, --duration <time>', 'how long to listen', '15s')
        .option('--bundle <dir>', 'folder of the bundle, which need not exist yet', './bundle')
        .option('-o, --output <file>', 'file to write; default: standard output')
        .option('--username <name>')
        .option('--password-file <file>')
        .option('--ca <file>', 'PEM file of the authority of the broker')
        .option('--cert <file>', 'PEM file of our certificate')
        .option('--key <file>', 'PEM file of its key')
        .action(async (options) => {
        const text = await proposeConfig(options, (line) => void process.stderr.write(`${line}\n`));
        if (options.output === undefined)
            print(text);
        else
            await writeNew(options.output, text);
    });
    command
        .command('example')
        .description('every setting with its description and default')
        .action(() => print(configExample()));
    command
        .command('schema')
        .description('JSON Schema of the config, for editors')
        .action(() => print(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`));
    return command;
}
/** @throws UserError where there is something already: a config is the user's own */
export async function writeNew(file, text) {
    await writeFile(file, text, { flag: 'wx' }).catch((cause) => {
        const problem = cause.code === 'EEXIST' ? 'there is a file already.' : `can't be written (${cause.code ?? cause.message}).`;
        throw new UserError(problem, { file }, 'Give another --output.', { cause });
    });
}
//# sourceMappingURL=config.js.map