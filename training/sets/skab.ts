/** SKAB, a water pump test rig (8 channels, 1 Hz): `<group>/<n>.csv`, rows 0..399 of each file are normal. */
import { join } from 'node:path';
import { UserError } from '../../model/errors.js';
import { listFiles, requireSome } from './folders.js';
import type { Series } from './series.js';
import { readText } from './table.js';

const fitRows = 400;
/** Holds one long recording in which nothing was done to the pump, without labels. */
const normalGroup = 'anomaly-free';
/** Its pieces are as long as the labelled files are. */
const pieceRows = 1150;

const groups = new Set(['valve1', 'valve2', 'other']);

/** Any sub-set of the files: the published folders where there are some, else all files. */
export function loadSkab(root: string): readonly Series[] {
  const all = listFiles(root, '.csv').filter((path) => !path.includes(normalGroup));
  const grouped = all.filter((path) => groups.has(path.split('/').at(-2) ?? ''));
  const files = grouped.length > 0 ? grouped : all;
  return requireSome(files, root, 'valve1/*.csv, valve2/*.csv, other/*.csv').map((path) => loadFile(root, path, true));
}

/** Pieces of the recording without anomalies, if it is there: rows 0..399 to learn from, the others normal too. */
export function loadSkabNormal(root: string): readonly Series[] {
  const files = listFiles(root, '.csv').filter((path) => path.includes(normalGroup));
  return files.flatMap((path) => {
    const whole = loadFile(root, path, false);
    const C = whole.channels.length;
    return Array.from({ length: Math.floor(whole.rows / pieceRows) }, (_, k) => {
      const [from, to] = [k * pieceRows, (k + 1) * pieceRows];
      return {
        ...whole,
        name: `${whole.name}, piece ${k + 1}`,
        rows: pieceRows,
        values: whole.values.slice(from * C, to * C),
        labels: whole.labels.slice(from, to),
        timesS: whole.timesS.slice(from, to),
      };
    });
  });
}

function loadFile(root: string, path: string, isLabelled: boolean): Series {
  const file = join(root, path);
  const lines = readText(file).trimEnd().split(/\r?\n/);
  const header = (lines[0] ?? '').split(';');
  const label = isLabelled ? header.indexOf('anomaly') : header.length;
  if (header[0] !== 'datetime' || label < 2)
    throw new UserError(
      'has no columns "datetime" and "anomaly".',
      { file, line: 1 },
      'SKAB files are separated by ";".',
    );
  const channels = header.slice(1, label);
  const rows = lines.length - 1;
  const values = new Float64Array(rows * channels.length);
  const labels = new Uint8Array(rows);
  const timesS = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const cells = (lines[row + 1] as string).split(';');
    const numbers = [...cells.slice(1, label), isLabelled ? cells[label] : 0].map(Number);
    const timeMs = Date.parse(`${(cells[0] ?? '').replace(' ', 'T')}Z`);
    if (numbers.length !== channels.length + 1 || numbers.some(Number.isNaN) || Number.isNaN(timeMs))
      throw new UserError('is not a row of a time and numbers.', { file, line: row + 2 });
    values.set(numbers.slice(0, -1), row * channels.length);
    labels[row] = numbers[channels.length] === 1 ? 1 : 0;
    timesS[row] = timeMs / 1000;
  }
  const name = path.slice(0, -'.csv'.length).split('/').slice(-2).join('/');
  return { name, channels: channels.map(slug), periodMs: 1000, rows, values, fitRows, labels, timesS };
}

/** Signal names as bundles take them: no spaces. */
function slug(name: string): string {
  return name.trim().replaceAll(/\s+/g, '_');
}
