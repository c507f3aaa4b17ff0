/** CWRU bearing data (drive-end accelerometer): `manifest.csv` with name, label, fault_mil, rpm, fs_hz, and a `<name>.f32` or `.f32.gz` of little-endian floats each. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { UserError } from '../../model/errors.js';

export const bearingClasses = ['normal', 'inner', 'outer', 'ball'] as const;
export type BearingClass = (typeof bearingClasses)[number];

/** One machine in one state. */
export interface BearingRecording {
  readonly name: string;
  readonly label: BearingClass;
  /** Diameter of the spot in thousandths of an inch; 0 = none. */
  readonly sizeMil: number;
  readonly rpm: number;
  readonly rateHz: number;
  /** g */
  readonly samples: Float32Array;
}

const manifestName = 'manifest.csv';
const columns = ['name', 'label', 'fault_mil', 'rpm', 'fs_hz'] as const;
type ManifestRow = Readonly<Record<(typeof columns)[number], string>>;

/**
 * Recordings at `rateHz`. The published recording of a healthy bearing is at four times the rate of those of faults, which any network hears: it must be there decimated.
 * @throws UserError with file and line for a folder that is not in this layout
 */
export function loadCwru(root: string, rateHz = 12_000): readonly BearingRecording[] {
  const file = join(root, manifestName);
  if (!existsSync(file))
    throw new UserError(
      'There is no such file.',
      { file },
      `--data takes a folder with a ${manifestName} of recordings.`,
    );
  const rows = parse(readFileSync(file, 'utf8'), { columns: true, skip_empty_lines: true, bom: true }) as ManifestRow[];
  const missing = columns.find((column) => rows[0]?.[column] === undefined);
  if (missing !== undefined)
    throw new UserError(`There is no column ${missing}.`, { file, line: 1 }, `It has ${columns.join(', ')}.`);
  const found = rows.flatMap((row, i) => {
    const place = { file, line: i + 2 };
    const numberOf = (key: 'fault_mil' | 'rpm' | 'fs_hz') => {
      const value = Number(row[key]);
      if (row[key].trim() === '' || !Number.isFinite(value))
        throw new UserError(`"${row[key]}" is no number.`, { ...place, key }, 'Correct the manifest.');
      return value;
    };
    if (numberOf('fs_hz') !== rateHz) return [];
    const label = bearingClasses.find((one) => one === row.label);
    if (label === undefined)
      throw new UserError(
        `"${row.label}" is no class.`,
        { ...place, key: 'label' },
        `Known: ${bearingClasses.join(', ')}.`,
      );
    const samples = readFloats(join(root, row.name), place);
    return [{ name: row.name, label, sizeMil: numberOf('fault_mil'), rpm: numberOf('rpm'), rateHz, samples }];
  });
  for (const label of bearingClasses)
    if (!found.some((one) => one.label === label))
      throw new UserError(
        `holds no recording at ${rateHz} Hz of class ${label}.`,
        { file },
        label === 'normal'
          ? 'Decimate the published one, which is at 48,000 Hz, by four.'
          : 'All four classes are needed to tell them apart.',
      );
  return found;
}

function readFloats(base: string, place: { readonly file: string; readonly line: number }): Float32Array {
  const file = [`${base}.f32`, `${base}.f32.gz`].find(existsSync);
  if (file === undefined)
    throw new UserError(`there is no ${base}.f32 or .f32.gz.`, place, 'Take the line out, or add the file.');
  const raw = readFileSync(file);
  const bytes = file.endsWith('.gz') ? gunzipSync(raw) : raw;
  if (bytes.length % 4 !== 0)
    throw new UserError(`${bytes.length} bytes are no 32-bit floats.`, { file }, 'Is it whole?');
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}
