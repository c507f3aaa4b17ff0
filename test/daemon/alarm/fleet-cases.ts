/** Fleet cases as text: lines of what happens to a gateway into lines of what its broker gets. */
import type { AlarmChange } from '../../../daemon/alarm/ledger.js';
import type { Response } from '../../../daemon/message/request.js';
import type { HealthState, Mode } from '../../../model/frames.js';
import { channels, startMs } from './batches.js';
import { base, Fleet } from './fleet.js';

/**
 * One line each, with a second or a span of seconds (`10..20`, every second; `10..100/10` every tenth) before it:
 * `pump-1 1.5` a frame of this severity, `pump-1 0 flow=missing` with signals that fail, `pump-1 warm-up` or `no-data`; `tick`; `ask alarm/ack {...}`, `kept` before the
 * request = retained; `restart`, `kill`; `reload {...}`; `bundle` is replaced; `broker away`, `broker back`.
 */
export async function runCase(input: string, config: object): Promise<string> {
  const fleet = new Fleet(config);
  const lines: string[] = [];
  try {
    for (const line of input.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
      const [when = '', what = '', ...rest] = line.split(' ');
      for (const second of seconds(when)) {
        const answer = happen(fleet, second, what, rest);
        const heard = fleet.events.length;
        await fleet.flush();
        for (const change of fleet.changes.splice(0)) lines.push(...toldOf(change).map((text) => `${second} ${text}`));
        for (const event of fleet.events.slice(heard))
          lines.push(`${second} alert ${event.seq}: ${event.asset}/${event.type} ${event.event}`);
        if (answer !== undefined) lines.push(`${second} ${answer}`);
      }
    }
    const held = [...fleet.retained].filter(([topic]) => topic.includes('/alarm/'));
    const states = held.map(
      ([topic, payload]) =>
        `retained: ${topic.slice(base.length + 1)} ${(JSON.parse(payload) as { state: string }).state}`,
    );
    return [...lines, ...(states.length === 0 ? ['retained: nothing'] : states.sort()), ''].join('\n');
  } finally {
    fleet.end();
  }
}

function* seconds(when: string): Generator<number> {
  const [span = '', step = '1'] = when.split('/');
  const [from = 0, to = from] = span.split('..').map(Number);
  for (let second = from; second <= to; second += Number(step)) yield second;
}

/** Does what a line says; the answer of a request as text. */
function happen(fleet: Fleet, second: number, what: string, rest: readonly string[]): string | undefined {
  switch (what) {
    case 'tick':
      fleet.tick(second);
      return undefined;
    case 'ask': {
      const retained = rest[0] === 'kept';
      const [command = '', ...request] = retained ? rest.slice(1) : rest;
      return answered(command, fleet.ask(command, fill(request.join(' '), fleet), second, retained));
    }
    case 'restart':
    case 'kill':
      fleet.restart(what === 'kill' ? 'abrupt' : 'orderly', second);
      return undefined;
    case 'reload':
      fleet.reload(JSON.parse(rest.join(' ')) as object, second);
      return undefined;
    case 'bundle':
      fleet.replaceBundle(second);
      return undefined;
    case 'broker':
      fleet.connected = rest[0] === 'back';
      return undefined;
    default: {
      const [verdict = '', ...signals] = rest;
      const failing = new Map(signals.map((one) => one.split('=') as [string, HealthState]));
      const mode = Number.isNaN(Number(verdict)) ? (verdict as Mode) : 'steady';
      const health = channels.map(({ name }) => failing.get(name) ?? 'pass');
      fleet.frame(what, second, { mode, health, severity: mode === 'steady' ? Number(verdict) : 0 });
      return undefined;
    }
  }
}

/** `$pump-1/machine-anomaly`: the id of that alarm; `$+60`: a minute after the start. */
function fill(text: string, fleet: Fleet): string {
  const ids = new Map(fleet.known().map(({ asset, type, id }) => [`${asset}/${type}`, id ?? '']));
  return text
    .replace(/\$([a-z]+-?\d*\/[a-z-]+)/g, (_, alarm: string) => ids.get(alarm) ?? 'no-such-id')
    .replace(/\$\+(\d+)/g, (_, after: string) => new Date(startMs + Number(after) * 1000).toISOString())
    .replace(/\$huge/g, 'x'.repeat(20_000));
}

function toldOf({ message, transition, retained }: AlarmChange): string[] {
  if (transition === null) return [];
  const name = `${message.asset}/${message.type}`;
  const band = message.severity === null ? '' : `, ${message.severity} #${message.occurrence}`;
  const more = [
    message.flapping ? ', flapping' : '',
    message.group !== null && message.group !== message.id ? ', in a group' : '',
    message.signals.length > 0 && message.type === 'sensor-fault'
      ? ` (${message.signals.map(({ signal }) => signal).join(', ')})`
      : '',
    retained || transition.kind === 'pending' || transition.kind === 'dropped' ? '' : ', emptied',
  ].join('');
  return [`${name} ${transition.kind}: ${transition.from} -> ${transition.to}${band}${more}`];
}

function answered(command: string, { status, error, data, transaction }: Response): string {
  const alarms = (data.alarms ?? []) as { asset: string; type: string; state: string }[];
  const what = error ?? alarms.map(({ asset, type, state }) => `${asset}/${type} ${state}`).join(', ');
  return `answer to ${command}${transaction === undefined ? '' : ` ${transaction}`}: ${status}: ${what}`;
}
