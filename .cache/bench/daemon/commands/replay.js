/** `anomalyd replay`: a recording through the daemon's own path; scores and alerts to files. */
import { once } from 'node:events';
import { createWriteStream, statSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { loadBundle } from '../../model/bundle.js';
import { systemClock } from '../../model/clock.js';
import { UserError } from '../../model/errors.js';
import { readRecording } from '../../model/recording.js';
import { alarmConfigSchema } from '../alarm/config.js';
import { alignmentSchema } from '../config.js';
import { loadConfig } from '../config-file.js';
import { eventMessage } from '../publish.js';
import { Replay } from '../replay.js';
import { rowFormat, scoreHeader, scoreRow } from '../score-rows.js';
export function replayCommand() {
    return new Command('replay')
        .description("score a recording by the daemon's own path, as fast as it goes; the same input gives the same output")
        .requiredOption('-b, --bundle <dir>', 'bundle')
        .requiredOption('-i, --input <file...>', 'recordings, CSV or NDJSON, plain or gzipped')
        .option('--scores <file>', 'where scores go: .csv, .ndjson or .jsonl')
        .option('--alerts <file>', 'where alerts go, NDJSON')
        .option('-c, --config <file>', 'config whose `alarms`, `alignment` and `gateway` hold; default: the defaults')
        .option('--budget <number>', "false alarms per asset and week; default: the bundle's own")
        .option('--time-column <name>', 'CSV: column of the time; default: guessed')
        .option('--asset-column <name>', 'CSV: column of the asset; default: `asset`, if there is one')
        .option('--asset <name>', "asset of rows that name none; default: the file's name")
        .option('--delimiter <char>', 'CSV: default: guessed')
        .option('--decimal-comma', 'CSV: 1,5 is one and a half')
        .action(async ({ timeColumn, assetColumn, asset, delimiter, decimalComma, budget, ...files }) => {
        const recording = {
            ...(timeColumn !== undefined && { timeColumn }),
            ...(assetColumn !== undefined && { assetColumn }),
            ...(asset !== undefined && { asset }),
            ...(delimiter !== undefined && { delimiter }),
            ...(decimalComma !== undefined && { decimalComma }),
        };
        const asked = budget === undefined ? {} : { budget: positive(budget) };
        await replay({ ...files, ...asked, recording }, process.stderr, systemClock);
    });
}
function positive(text) {
    const value = Number(text);
    if (value > 0 && Number.isFinite(value))
        return value;
    throw new UserError(`${text} is no number above 0.`, { key: '--budget' }, 'Give, for example, --budget 0.5');
}
/** @throws UserError */
export async function replay(command, out, clock) {
    const bundle = await loadBundle(command.bundle);
    const { manifest } = bundle;
    const scores = command.scores === undefined ? undefined : openScores(command.scores, manifest);
    const alerts = command.alerts === undefined ? undefined : new TextFile(command.alerts);
    let told = 0;
    const engine = await Replay.open({
        bundle,
        ...settings(command.config),
        ...(command.budget !== undefined && { falseAlarmsPerAssetWeek: command.budget }),
        onResults: async (results, assets) => {
            if (scores === undefined)
                return;
            for (let i = 0; i < results.n; i++) {
                const asset = assets[results.slot[i] ?? -1] ?? '';
                scores.file.line(scoreRow(scores.format, manifest, asset, results, i));
            }
            await scores.file.room();
        },
        onAlarm: (change) => {
            if (change.transition?.alert !== true)
                return;
            told++;
            alerts?.line(JSON.stringify(eventMessage(change, told)));
        },
    });
    const started = clock.monotonic();
    for (const file of command.input)
        await feed(engine, file, manifest, command.recording, out);
    await engine.finish();
    await Promise.all([scores?.file.end(), alerts?.end()]);
    out.write(`${summary(engine.counts, told, (clock.monotonic() - started) / 1000)}\n`);
}
function settings(config) {
    if (config !== undefined)
        return loadConfig(config);
    return { alignment: alignmentSchema.parse({}), alarms: alarmConfigSchema.parse({}), gateway: 'replay' };
}
async function feed(engine, file, { channels }, options, out) {
    const bar = out.isTTY
        ? new SingleBar({ stream: out, format: `${file} {bar} {value} rows`, clearOnComplete: true, hideCursor: true })
        : undefined;
    // The number of rows is not known before the end: a guess from the file's size moves the bar.
    bar?.start(Math.max(1, Math.round(sizeOf(file) / 60)), 0);
    const names = channels.map(({ name }) => name);
    let rows = 0;
    for await (const row of readRecording(file, { channels: names, ...options })) {
        await engine.row(row);
        if (++rows % 10_000 === 0)
            bar?.update(rows);
    }
    bar?.stop();
}
function sizeOf(file) {
    try {
        return statSync(file).size;
    }
    catch {
        // The reader will say what is wrong with it.
        return 0;
    }
}
function openScores(path, manifest) {
    const format = rowFormat(path);
    if (format === undefined)
        throw new UserError('is no name for scores.', { file: path }, 'End it in .csv, .ndjson or .jsonl.');
    const file = new TextFile(path);
    if (format === 'csv')
        file.line(scoreHeader(manifest));
    return { format, file };
}
function summary({ rows, frames, rejected }, alerts, seconds) {
    const left = Object.entries(rejected).map(([reason, n]) => `${n} ${reason}`);
    const rate = Math.round(rows / Math.max(seconds, 0.001));
    const out = left.length === 0 ? '' : `, left out: ${left.join(', ')}`;
    return `${rows} rows, ${frames} frames, ${alerts} alerts in ${seconds.toFixed(1)} s (${rate} rows/s)${out}`;
}
/** Lines gathered into large writes. */
class TextFile {
    path;
    stream;
    opened;
    lines = [];
    constructor(path) {
        this.path = path;
        this.stream = createWriteStream(path);
        this.opened = once(this.stream, 'open').catch((cause) => {
            const why = cause instanceof Error ? cause.message : String(cause);
            throw new UserError(`can't be written: ${why}.`, { file: this.path }, 'Name another file.', { cause });
        });
        this.opened.catch(() => { });
    }
    line(text) {
        this.lines.push(text);
    }
    /** Writes what has gathered, and waits where the disk is slower than we are. */
    async room() {
        if (this.lines.length < 1000)
            return;
        await this.flush();
    }
    async end() {
        await this.flush();
        this.stream.end();
        await finished(this.stream);
    }
    async flush() {
        await this.opened;
        const text = this.lines.map((line) => `${line}\n`).join('');
        this.lines = [];
        if (!this.stream.write(text))
            await once(this.stream, 'drain');
    }
}
