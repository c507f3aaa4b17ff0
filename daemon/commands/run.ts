/** `anomalyd run`: the daemon. */
import { Command } from 'commander';
import { systemClock } from '../../model/clock.js';
import { loadConfig } from '../config-file.js';
import { handleSignals } from '../lifecycle.js';
import { createLog } from '../log.js';
import { createNotifier } from '../notify.js';
import { Daemon } from '../run.js';
import { packageVersion } from '../version.js';

export function runCommand(): Command {
  return new Command('run')
    .description('listen, score, tell; until SIGTERM. SIGHUP reads the config again')
    .requiredOption('-c, --config <file>', 'config file')
    .action(run);
}

async function run({ config: configFile }: { config: string }): Promise<void> {
  const config = loadConfig(configFile);
  const log = createLog(config.log, process.stderr, {
    journal: process.env.JOURNAL_STREAM !== undefined,
    color: process.stderr.isTTY === true,
  });
  const notifier = createNotifier({
    env: process.env,
    pid: process.pid,
    clock: systemClock,
    onError: (err) => log.warn({ err }, 'systemd can not be told how we are'),
  });
  const daemon = Daemon.start({
    configFile,
    config,
    clock: systemClock,
    log,
    notifier,
    worker: new URL('../worker.js', import.meta.url),
    brokerThread: new URL('../embedded-thread.js', import.meta.url),
    version: packageVersion(),
    onFatal: (err) => {
      log.fatal({ err }, 'a thread of ours has died for good');
      process.exit(1);
    },
  });
  handleSignals(daemon, process, (code) => process.exit(code));
  await daemon;
}
