/** The line that `systemctl status` shows, as people will read it. */
import { expect, it } from 'vitest';
import { type StatusFacts, StatusLine } from '../../daemon/status-line.js';
import { ManualClock } from '../../model/clock.js';

function setUp() {
  const facts: { -readonly [K in keyof StatusFacts]: StatusFacts[K] } = {
    stuck: '',
    broker: 'mqtt://broker:1883',
    connected: false,
    trouble: '',
    assets: 0,
    silent: 0,
    alarms: 0,
    framesScored: 0,
    configInForce: true,
  };
  const clock = new ManualClock(1000);
  const told: string[] = [];
  const line = new StatusLine({ status: (text) => told.push(text) }, clock, () => facts);
  return { facts, clock, told, line };
}

it('says what stands in the way of a connection', () => {
  const { facts, line } = setUp();
  expect(line.line()).toBe('waiting for the broker; connecting to mqtt://broker:1883');
  facts.trouble = 'nothing answers';
  expect(line.line()).toBe('waiting for the broker; mqtt://broker:1883: nothing answers');
});

it('says what is scored, how fast, who is ill and who is silent', () => {
  const { facts, clock, line } = setUp();
  facts.connected = true;
  expect(line.line()).toBe('no machine heard of yet; connected to mqtt://broker:1883');
  Object.assign(facts, { assets: 1, framesScored: 3 });
  clock.advance(5000);
  expect(line.line()).toBe('scoring 1 machine, 0.6 frames/s; connected to mqtt://broker:1883');
  Object.assign(facts, { assets: 8, framesScored: 603, alarms: 2, silent: 1 });
  clock.advance(5000);
  expect(line.line()).toBe('scoring 8 machines, 120 frames/s, 2 in alarm, 1 silent; connected to mqtt://broker:1883');
});

it('puts what is stuck first, and a config that does not hold last', () => {
  const { facts, line } = setUp();
  Object.assign(facts, { connected: true, stuck: 'scoring', configInForce: false });
  expect(line.line()).toBe(
    'stuck: scoring has work and finishes none; no machine heard of yet; connected to mqtt://broker:1883; the config on disk does not hold, the old one is in force',
  );
});

it('is not sent twice', () => {
  const { facts, told, line } = setUp();
  line.tell();
  line.tell();
  facts.connected = true;
  line.tell();
  expect(told).toHaveLength(2);
});
