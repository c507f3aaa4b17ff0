/** `anomalyd check`: everything that can be known before a run, every problem at once. */
import { Command } from 'commander';
import { type Bundle, loadBundle } from '../../model/bundle.js';
import { UserError } from '../../model/errors.js';
import { BundleRuntime } from '../../model/runtime.js';
import { probeBroker } from '../broker-probe.js';
import { checkCertificates } from '../certificates.js';
import type { Config } from '../config.js';
import { defaultClientId } from '../config.js';
import { type LateProblem, loadConfig } from '../config-file.js';
import { type BrokerAnswer, summariseConfig } from '../config-summary.js';
import { subscriptions } from '../ingest.js';

export interface CheckOptions {
  readonly config: string;
  /** Leave the broker alone. */
  readonly offline?: boolean;
}

/**
 * A summary of a config that holds: it parses, its bundles load and pass their self-test, the broker lets us in.
 * @throws UserError with every problem, each with file, line, key and remedy
 */
export async function check({ config: file, offline = false }: CheckOptions): Promise<string> {
  const config = loadConfig(file);
  const problems: LateProblem[] = [];
  const bundles = await Promise.all(config.bundles.map(({ path }, i) => checkBundle(path, i, problems)));
  checkSignals(config, bundles, problems);
  // Our own broker is there as soon as `run` is.
  const alone = offline || config.broker.embedded !== undefined;
  const answer = alone ? checkTls(config, problems) : await checkBroker(config, problems);
  if (problems.length > 0) loadConfig(file, undefined, problems);
  return summariseConfig(
    file,
    config,
    bundles.filter((bundle) => bundle !== undefined),
    answer,
  );
}

async function checkBundle(path: string, i: number, problems: LateProblem[]): Promise<Bundle | undefined> {
  try {
    const bundle = await loadBundle(path);
    const runtime = await BundleRuntime.open(bundle);
    await runtime.close();
    return bundle;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    problems.push({ key: ['bundles', i, 'path'], message: error.message });
    return undefined;
  }
}

/** Signals that inputs name must be the bundle's. */
function checkSignals(config: Config, bundles: readonly (Bundle | undefined)[], problems: LateProblem[]): void {
  config.inputs.forEach((input, i) => {
    const bundle = bundles[config.bundles.findIndex(({ name }) => name === input.bundle)];
    if (bundle === undefined) return;
    const known = bundle.manifest.channels.map(({ name }) => name);
    const say = (key: string, part: string, signal: string) => {
      if (known.includes(signal)) return;
      const message = `bundle ${input.bundle} has no signal ${signal}; it has: ${known.join(', ')}`;
      problems.push({ key: ['inputs', i, key, part], message });
    };
    for (const [from, to] of Object.entries(input.signals)) say('signals', from, to);
    if (typeof input.values === 'object') for (const signal of Object.keys(input.values)) say('values', signal, signal);
  });
}

function checkTls({ broker }: Config, problems: LateProblem[]): undefined {
  const tls = broker.embedded?.tls;
  try {
    checkCertificates(broker, 'broker');
    if (tls !== undefined) checkCertificates(tls, 'broker.embedded.tls');
  } catch (error) {
    problems.push(brokerProblem(error));
  }
}

async function checkBroker(config: Config, problems: LateProblem[]): Promise<BrokerAnswer | undefined> {
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
  } catch (error) {
    problems.push(brokerProblem(error));
    return undefined;
  }
}

function brokerProblem(error: unknown): LateProblem {
  if (!(error instanceof UserError)) throw error;
  return { key: (error.place.key ?? 'broker').split('.'), message: `${error.problem} ${error.remedy}` };
}

export function checkCommand(print: (text: string) => void = (text) => process.stdout.write(`${text}\n`)): Command {
  return new Command('check')
    .description('check config, bundles and broker, and list every problem with its line (exit 78)')
    .requiredOption('-c, --config <file>', 'config file')
    .option('--offline', 'do not connect to the broker')
    .action(async (options: CheckOptions) => print(await check(options)));
}
