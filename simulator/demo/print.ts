/** Alerts, verdicts and the summary as people read them on a terminal. */
import type { FaultVerdict, JudgedAlert, Judgement } from '../judge.js';

/** An alert as it comes over MQTT, as far as it is printed. */
export interface PrintedAlert extends JudgedAlert {
  readonly event?: string;
  readonly severity?: string | null;
  readonly endsAt?: string | null;
  readonly message?: string;
  readonly diagnostics?: readonly {
    readonly signal: string;
    readonly contribution: number;
    readonly expected: number | null;
    readonly actual: number | null;
    readonly unit: string;
  }[];
}

type Colour = 'red' | 'yellow' | 'green' | 'dim' | 'bold';
export type Paint = (colour: Colour, text: string) => string;

const codes: Readonly<Record<Colour, number>> = { red: 31, yellow: 33, green: 32, dim: 2, bold: 1 };

/** Colour on terminals that have it; https://no-color.org. */
export function painter(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  const coloured = isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  return (colour, text) => (coloured ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text);
}

const titles: Readonly<Record<string, string>> = {
  'machine-anomaly': 'is not behaving like itself',
  'sensor-fault': 'has a sensor fault',
  'data-stale': 'is silent',
};

/** Several lines: what, since when, and the leading signals with what was expected and what came. */
export function formatAlert(alert: PrintedAlert, paint: Paint): string {
  const time = clockTime(alert.time ?? alert.updatedAt ?? alert.startsAt);
  if (alert.state === 'normal' || alert.event === 'cleared') {
    const over = `${titles[alert.type] ?? alert.type}: over`;
    return `${paint('dim', time)}  ${paint('green', alert.asset)} ${paint('dim', over)}`;
  }
  const colour = alert.type === 'machine-anomaly' && alert.suspect?.verdict !== 'sensor' ? 'red' : 'yellow';
  const title = `${paint(colour, paint('bold', alert.asset))} ${paint(colour, titles[alert.type] ?? alert.type)}`;
  const what = [alert.severity, alert.event === 'raised' ? undefined : alert.event].filter((word) => word != null);
  const since = alert.startsAt === null ? '' : `since ${clockTime(alert.startsAt)}`;
  const head = `${paint('dim', time)}  ${title}${what.length > 0 ? ` (${what.join(', ')})` : ''} ${since}`.trimEnd();
  const lines = (alert.diagnostics ?? [])
    .filter(({ contribution }, i) => i === 0 || (i < 3 && contribution >= 0.1))
    .map(({ signal, contribution, expected, actual, unit }) => {
      const is = actual === null ? 'missing' : `${significant(actual)} ${unit}`;
      const share = `${Math.round(contribution * 100)} %`;
      const than = expected === null ? '' : `expected ${significant(expected)}`;
      return `${' '.repeat(10)}${signal.padEnd(12)} ${is.padEnd(14)} ${than.padEnd(16)} ${paint('dim', share)}`.trimEnd();
    });
  const reason =
    alert.reason === undefined || alert.reason === '' ? [] : [`${' '.repeat(10)}${paint('dim', alert.reason)}`];
  return [head, ...lines, ...reason].join('\n');
}

/** The table fault by fault, then what was wrong. */
export function formatJudgement({ faults, falseAlarms, mistaken }: Judgement, paint: Paint): string {
  const rows = faults.map(({ fault, result, delayS, alert }) => {
    const at = `${clockTime(fault.start)}-${clockTime(fault.end)}`;
    const how = result === 'detected' ? `after ${Math.round(delayS ?? 0)} s` : '';
    const signals = fault.kind === 'sensor' ? fault.signals.join(', ') : '';
    return [
      fault.asset,
      fault.kind,
      `${fault.fault} ${signals}`.trim(),
      at,
      resultWord(result, paint),
      how,
      alert?.reason ?? '',
    ];
  });
  const table = columns([['asset', 'kind', 'fault', 'from-to', 'result', 'delay', 'what was said'], ...rows]);
  const list = (title: string, alerts: readonly JudgedAlert[]): string[] =>
    alerts.map(
      (alert) =>
        `${title}: ${alert.asset} at ${clockTime(alert.time ?? alert.startsAt)}, ${alert.reason ?? alert.type}`,
    );
  return [table, ...list('false alarm', falseAlarms), ...list('sensor fault taken for a machine fault', mistaken)].join(
    '\n',
  );
}

function resultWord(result: FaultVerdict['result'], paint: Paint): string {
  if (result === 'detected') return paint('green', result);
  return result === 'missed' ? paint('red', result) : 'no alarm needed';
}

/** Left-aligned columns, two blanks apart. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => visibleLength(row[c] ?? ''))));
  return rows
    .map((row) =>
      row
        .map((cell, c) => cell + ' '.repeat((widths[c] ?? 0) - visibleLength(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function visibleLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes start with the escape character.
  return text.replace(/\u001b\[\d+m/g, '').length;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(value >= 100 ? 4 : 3)));
}

/** `14:02:10`, UTC like all times of the product. */
function clockTime(iso: string | null | undefined): string {
  return iso === null || iso === undefined ? '        ' : iso.slice(11, 19);
}
