import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AlarmChange, Alarms } from '../../daemon/alarm/alarms.js';
import { alarmConfigSchema } from '../../daemon/alarm/config.js';
import { type RequestHandlers, Requests } from '../../daemon/request.js';
import { AuditLog } from '../../daemon/request-audit.js';
import { batch, pumps, startMs } from './alarm/batches.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'request-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function plant(own: Partial<RequestHandlers> = {}) {
  const changes: AlarmChange[] = [];
  const alarms = new Alarms({
    gateway: 'gw',
    config: alarmConfigSchema.parse({}),
    configHash: null,
    onChange: (change) => changes.push(change),
  });
  alarms.setBundle(0, pumps(['pump-1', 'pump-2']));
  alarms.results(
    0,
    batch([
      { timeMs: startMs, severity: 1.5 },
      { slot: 1, timeMs: startMs },
    ]),
    startMs,
  );
  const requests = new Requests({
    audit: new AuditLog(dir),
    handlers: { alarm: (command, nowMs) => alarms.command(command, nowMs), ...own },
  });
  const ask = (command: string, request: unknown, { nowMs = startMs + 1000, retained = false } = {}) =>
    requests.handle(
      command,
      Buffer.from(typeof request === 'string' ? request : JSON.stringify(request)),
      retained,
      nowMs,
    );
  const audit = () =>
    readFileSync(join(dir, 'audit.ndjson'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return { alarms, changes, ask, audit, state: () => JSON.stringify(alarms.snapshot()) };
}

describe('requests', () => {
  it('are done, answered with their transaction, and recorded', () => {
    const { ask, audit, alarms } = plant();
    const answer = ask('alarm/ack', { asset: 'pump-1', by: 'kim', comment: 'on my way', transaction: 't1' });
    expect(answer).toEqual({
      status: 'ok',
      data: {
        alarms: [{ asset: 'pump-1', type: 'machine-anomaly', id: alarms.retained()[0]?.id, state: 'acknowledged' }],
      },
      transaction: 't1',
    });
    expect(audit()).toMatchObject([
      {
        time: '2026-03-01T14:00:01.000Z',
        command: 'alarm/ack',
        by: 'kim',
        request: { comment: 'on my way' },
        response: { status: 'ok' },
      },
    ]);
  });

  it('shelve for a time or until a time', () => {
    const { ask, alarms } = plant();
    ask('alarm/shelve', { asset: 'pump-1', type: 'machine-anomaly', duration: 60 });
    expect(alarms.retained()[0]?.shelvedUntil).toBe('2026-03-01T14:01:01.000Z');
    ask('alarm/shelve', { asset: 'pump-1', type: 'machine-anomaly', until: '2026-03-01T16:00:00+01:00' });
    expect(alarms.retained()[0]?.shelvedUntil).toBe('2026-03-01T15:00:00.000Z');
    ask('alarm/unshelve', { asset: 'pump-1' });
    ask('alarm/out-of-service', { asset: 'pump-2' });
    expect(alarms.retained().map(({ asset, state }) => `${asset} ${state}`)).toEqual([
      'pump-1 active',
      ...Array(3).fill('pump-2 out-of-service'),
    ]);
    ask('alarm/in-service', { asset: 'pump-2' });
    expect(alarms.retained()).toHaveLength(1);
  });

  it('twice with the same transaction give the same answer and one change', () => {
    const { ask, changes, audit } = plant();
    const request = { asset: 'pump-1', duration: 60, transaction: 't1' };
    const first = ask('alarm/shelve', request);
    const told = changes.length;
    expect(ask('alarm/shelve', request, { nowMs: startMs + 5000 })).toEqual(first);
    expect(changes).toHaveLength(told);
    expect(audit()).toHaveLength(1);
  });

  it('remember transactions over a restart, in spite of a torn end', () => {
    const first = plant();
    const answer = first.ask('alarm/shelve', { asset: 'pump-1', duration: 60, transaction: 't1' });
    appendFileSync(join(dir, 'audit.ndjson'), '{"time":"2026-');
    const second = plant();
    expect(second.ask('alarm/shelve', { asset: 'pump-1', duration: 60, transaction: 't1' })).toEqual(answer);
    expect(second.changes).toHaveLength(1);
    second.ask('alarm/ack', { asset: 'pump-1', transaction: 't2' });
    const third = plant();
    expect(third.ask('alarm/ack', { asset: 'pump-1', transaction: 't2' })).toMatchObject({ status: 'ok' });
    expect(third.changes).toHaveLength(1);
  });

  it('that were refused may be tried again', () => {
    const { ask, alarms } = plant();
    expect(ask('alarm/ack', { asset: 'pump-2', transaction: 't1' }).status).toBe('error');
    alarms.results(0, batch([{ slot: 1, timeMs: startMs + 1, severity: 1.5 }]), startMs + 1);
    expect(ask('alarm/ack', { asset: 'pump-2', transaction: 't1' }).status).toBe('ok');
  });

  it('to calibrate anew are refused until the runtime can, and routed when it can', () => {
    expect(plant().ask('asset/rebaseline', { asset: 'pump-1' }).error).toMatch(/^not supported/);
    const able = plant({ rebaseline: ({ asset, undo }) => ({ data: { asset, undo } }) });
    expect(able.ask('asset/rebaseline', { asset: 'pump-1' })).toEqual({
      status: 'ok',
      data: { asset: 'pump-1', undo: false },
    });
  });
});

describe('bad requests get the reason and change nothing', () => {
  const now = new Date(startMs + 1000).toISOString();
  const cases: [string, string, unknown, RegExp, { nowMs?: number; retained?: boolean }?][] = [
    ['unknown command', 'alarm/delete', {}, /unknown command "alarm\/delete"; there are: alarm\/ack/],
    ['a command of the prototype', 'constructor', {}, /unknown command/],
    ['no JSON', 'alarm/ack', '{"asset":', /no JSON/],
    ['empty', 'alarm/ack', '', /no JSON/],
    ['not UTF-8', 'alarm/ack', '\uDC00', /no JSON/],
    ['an array', 'alarm/ack', [], /expected object/],
    ['null', 'alarm/ack', null, /expected object/],
    ['nothing named', 'alarm/ack', {}, /needs either `id`, or `asset`/],
    ['id and asset', 'alarm/ack', { id: 'a', asset: 'b' }, /needs either `id`, or `asset`/],
    ['unknown key', 'alarm/ack', { asset: 'pump-1', force: true }, /force/],
    ['wrong type', 'alarm/ack', { asset: 7 }, /asset: Invalid input: expected string/],
    ['unknown alarm type', 'alarm/ack', { asset: 'pump-1', type: 'fire' }, /type: Invalid option/],
    ['unknown alarm', 'alarm/ack', { id: 'no-such-id' }, /unknown alarm "no-such-id"/],
    ['unknown asset', 'alarm/ack', { asset: 'pump-9' }, /unknown asset "pump-9"/],
    ['nothing to acknowledge', 'alarm/ack', { asset: 'pump-2' }, /no open alarm/],
    ['shelve without a time', 'alarm/shelve', { asset: 'pump-1' }, /needs either `duration` or `until`/],
    ['shelve into the past', 'alarm/shelve', { asset: 'pump-1', until: '2020-01-01T00:00:00Z' }, /over already/],
    ['shelve for ever', 'alarm/shelve', { asset: 'pump-1', duration: 30_000_000 }, /at most 604800 s/],
    ['a negative time', 'alarm/shelve', { asset: 'pump-1', duration: -1 }, /duration: Too small/],
    ['huge', 'alarm/ack', JSON.stringify({ asset: 'x'.repeat(20_000) }), /20012 bytes; at most 16384/],
    ['long comment', 'alarm/ack', { asset: 'pump-1', comment: 'x'.repeat(2000) }, /comment: Too big/],
    ['from the future', 'alarm/ack', { asset: 'pump-1', time: now }, /from the future/, { nowMs: startMs - 3_600_000 }],
    ['late', 'alarm/ack', { asset: 'pump-1', time: now }, /replayed or late/, { nowMs: startMs + 3_600_000 }],
    ['retained', 'alarm/ack', { asset: 'pump-1' }, /published retained/, { retained: true }],
  ];
  for (const [title, command, request, reason, how] of cases)
    it(title, () => {
      const { ask, state, changes } = plant();
      const before = state();
      const answer = ask(command, request, how);
      expect(answer).toMatchObject({ status: 'error', data: {} });
      expect(answer.error).toMatch(reason);
      expect(state()).toBe(before);
      expect(changes).toHaveLength(1);
    });

  it('replayed after a while, or its transaction used for something else', () => {
    const { ask, state } = plant();
    ask('alarm/shelve', { asset: 'pump-1', duration: 60, transaction: 't1' });
    ask('alarm/unshelve', { asset: 'pump-1', transaction: 't2' });
    const before = state();
    const later = { nowMs: startMs + 3_600_000 };
    expect(ask('alarm/shelve', { asset: 'pump-1', duration: 60, transaction: 't1' }, later).error).toMatch(
      /^replayed: .* 2026-03-01T14:00:01/,
    );
    expect(ask('alarm/shelve', { asset: 'pump-1', duration: 90, transaction: 't1' }).error).toMatch(
      /used before, for another request/,
    );
    expect(state()).toBe(before);
  });

  it('whatever the bytes, there is an answer and no exception', () => {
    const { ask, state } = plant();
    const before = state();
    const command = fc.constantFrom(
      'alarm/ack',
      'alarm/shelve',
      'alarm/in-service',
      'asset/rebaseline',
      '__proto__',
      '',
    );
    fc.assert(
      fc.property(command, fc.oneof(fc.string(), fc.json()), (name, text) => {
        expect(ask(name, text).status).toBe('error');
      }),
      { numRuns: 300 },
    );
    expect(state()).toBe(before);
  });
});

it('commands in any order end in the same state when each is sent twice', () => {
  const commands: [string, object][] = [
    ['alarm/ack', { asset: 'pump-1' }],
    ['alarm/shelve', { asset: 'pump-1', until: '2026-03-01T15:00:00Z' }],
    ['alarm/unshelve', { asset: 'pump-1' }],
    ['alarm/out-of-service', { asset: 'pump-1' }],
    ['alarm/in-service', { asset: 'pump-1' }],
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...commands), { maxLength: 12 }), (order) => {
      const once = plant();
      const twice = plant();
      for (const [name, request] of order) {
        once.ask(name, request);
        twice.ask(name, request);
        twice.ask(name, request);
      }
      expect(twice.state()).toBe(once.state());
    }),
    { numRuns: 30 },
  );
});
