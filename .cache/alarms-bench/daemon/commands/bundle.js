/** `anomalyd bundle show|verify`: what a bundle is, and whether it holds on this machine. */
import { Command } from 'commander';
import { loadBundle } from '../../model/bundle.js';
import { BundleRuntime } from '../../model/runtime.js';
export function bundleCommand(out = process.stdout) {
    const command = new Command('bundle').description('look at a bundle');
    command
        .command('show')
        .description('signals, detectors, alarm level, and what it was trained on')
        .argument('<dir>', 'bundle')
        .option('--json', 'the manifest itself')
        .action((dir, { json = false }) => showBundle(dir, out, { json }));
    command
        .command('verify')
        .description('hashes, schema and golden vectors; exit 78 if one does not hold')
        .argument('<dir>', 'bundle')
        .action((dir) => verifyBundle(dir, out));
    return command;
}
/** @throws UserError */
export async function showBundle(dir, out, { json }) {
    const bundle = await loadBundle(dir);
    out.write(json ? `${JSON.stringify(bundle.manifest, undefined, 2)}\n` : describe(bundle));
}
/** Hashes, schema, and the golden vectors run again. @throws UserError for the first that does not hold */
export async function verifyBundle(dir, out) {
    const bundle = await loadBundle(dir);
    const runtime = await BundleRuntime.open(bundle);
    await runtime.close();
    const { name, version, detectors } = bundle.manifest;
    out.write(`${dir}: ${name} ${version} holds: ${detectors.length} graphs, ${bundle.golden.length} golden vectors\n`);
}
function describe({ manifest, hash, dir }) {
    const { channels, detectors, persistence, training } = manifest;
    const facts = [
        ['bundle', `${manifest.name} ${manifest.version}`],
        ['folder', dir],
        ['hash', hash],
        ['created', manifest.createdAt],
        ['frames', `every ${manifest.periodMs / 1000} s; a reading holds for ${manifest.holdMs / 1000} s`],
        [
            'alarm',
            `${persistence.need} of ${persistence.of} frames; ${manifest.falseAlarmsPerAssetWeek} false alarms a week`,
        ],
        ['trained on', `${training.assets.length} assets, ${training.from} to ${training.to}, ${training.backend}`],
    ];
    const signals = channels.map(({ name, unit, center, scale }) => [name, unit, String(center), `± ${scale}`]);
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
function table(rows) {
    const widths = (rows[0] ?? []).map((_, k) => Math.max(...rows.map((row) => row[k]?.length ?? 0)));
    return rows
        .map((row) => `  ${row
        .map((cell, k) => cell.padEnd(widths[k] ?? 0))
        .join('  ')
        .trimEnd()}\n`)
        .join('');
}
