/** `anomalyd bundle`: what a bundle is, whether it holds on this machine, and which of several versions is in force. */
import { Command } from 'commander';
import { forecast, formatForecast } from '../../model/budget.js';
import { type Bundle, loadBundle } from '../../model/bundle.js';
import { BundleRuntime } from '../../model/runtime.js';
import { installBundle, shelvedBundles, useBundle } from '../bundle-shelf.js';

export function bundleCommand(out: NodeJS.WritableStream = process.stdout): Command {
  const command = new Command('bundle').description('look at a bundle, install it, roll it back');
  command
    .command('show')
    .description('signals, detectors, alarm level, and what it was trained on')
    .argument('<dir>', 'bundle')
    .option('--json', 'the manifest itself')
    .action((dir: string, { json = false }: { json?: boolean }) => showBundle(dir, out, { json }));
  command
    .command('verify')
    .description('hashes, schema and golden vectors; exit 78 if one does not hold')
    .argument('<dir>', 'bundle')
    .action((dir: string) => verifyBundle(dir, out));
  command
    .command('install')
    .description(
      'verify a bundle, keep it beside its older versions, and make it the current one; then reload anomalyd',
    )
    .argument('<dir>', 'bundle')
    .argument('<shelf>', 'folder of its versions; the config names <shelf>/current')
    .action(async (dir: string, shelf: string) => {
      await verifyBundle(dir, out);
      switched(shelf, await installBundle(shelf, await loadBundle(dir)), out);
    });
  command
    .command('list')
    .description('versions of a bundle, the newest first')
    .argument('<shelf>', 'folder of its versions')
    .action(async (shelf: string) => {
      const rows = (await shelvedBundles(shelf)).map(({ name, installedMs, role }) => [
        role === 'current' ? '*' : ' ',
        name,
        new Date(installedMs).toISOString().slice(0, 16).replace('T', ' '),
        role ?? '',
      ]);
      out.write(table(rows));
    });
  command
    .command('rollback')
    .description('make the version before the current one, or a named one, the current one; then reload anomalyd')
    .argument('<shelf>', 'folder of its versions')
    .argument('[version]', 'as `list` shows it')
    .action(async (shelf: string, version?: string) => switched(shelf, await useBundle(shelf, version), out));
  return command;
}

/** @throws UserError */
export async function showBundle(dir: string, out: NodeJS.WritableStream, { json }: { json: boolean }): Promise<void> {
  const bundle = await loadBundle(dir);
  out.write(json ? `${JSON.stringify(bundle.manifest, undefined, 2)}\n` : describe(bundle));
}

/** Hashes, schema, and the golden vectors run again. @throws UserError for the first that does not hold */
export async function verifyBundle(dir: string, out: NodeJS.WritableStream): Promise<void> {
  const bundle = await loadBundle(dir);
  const runtime = await BundleRuntime.open(bundle);
  await runtime.close();
  const { name, version, detectors } = bundle.manifest;
  out.write(`${dir}: ${name} ${version} holds: ${detectors.length} graphs, ${bundle.golden.length} golden vectors\n`);
}

function switched(
  shelf: string,
  { name, before }: { readonly name: string; readonly before: string | undefined },
  out: NodeJS.WritableStream,
): void {
  out.write(
    `${shelf}/current is ${name}${before === undefined ? '' : `, before ${before}`}; in force after: systemctl reload anomalyd\n`,
  );
}

function describe({ manifest, hash, dir }: Bundle): string {
  const { channels, detectors, persistence, training, falseAlarmsPerAssetWeek: budget } = manifest;
  const facts = [
    ['bundle', `${manifest.name} ${manifest.version}`],
    ['folder', dir],
    ['hash', hash],
    ['created', manifest.createdAt],
    ['frames', `every ${manifest.periodMs / 1000} s; a reading holds for ${manifest.holdMs / 1000} s`],
    [
      'alarm',
      `${persistence.need} of ${persistence.of} frames; budget ${budget} a machine and week: ${formatForecast(forecast(manifest, budget))}`,
    ],
    ['trained on', `${training.assets.length} assets, ${training.from} to ${training.to}, ${training.backend}`],
  ] as const;
  const signals = channels.map(({ name, unit, center, scale }) => [name, unit, shown(center), `± ${shown(scale)}`]);
  const nets = detectors.map(({ name, recipe, kind, parameters, warmupFrames }) => [
    name,
    recipe,
    kind,
    `${parameters} parameters`,
    `${warmupFrames} frames to warm up`,
  ]);
  const warnings = training.warnings.map((warning) => `warning: ${warning}\n`).join('');
  return `${table(facts)}\nsignals\n${table(signals)}\ndetectors\n${table(nets)}${warnings}`;
}

/** As many digits as a 32-bit number has: 42.9, not 42.900001525878906. */
function shown(value: number): string {
  return String(Number(value.toPrecision(7)));
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, k) => Math.max(...rows.map((row) => row[k]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `  ${row
          .map((cell, k) => cell.padEnd(widths[k] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
