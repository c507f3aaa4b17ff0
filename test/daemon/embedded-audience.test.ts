import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Audience, type Emitter } from '../../daemon/embedded-audience.js';

describe('an audience', () => {
  it('hears what its filters match, as long as one listener is left', () => {
    const emitter: Emitter = new EventEmitter();
    const audience = new Audience(emitter);
    expect(audience.hears('plant/a/row')).toBe(false);
    const [one, other] = [() => {}, () => {}];
    emitter.on('plant/+/row', one);
    emitter.on('plant/+/row', other);
    expect(audience.hears('plant/a/row')).toBe(true);
    expect(audience.hears('plant/a/other')).toBe(false);
    emitter.removeListener('plant/+/row', one);
    expect(audience.hears('plant/a/row')).toBe(true);
    emitter.removeListener('plant/+/row', other);
    expect(audience.hears('plant/a/row')).toBe(false);
    emitter.on('#', one);
    expect(audience.hears('plant/a/other')).toBe(true);
    expect(audience.hears('$SYS/a')).toBe(false);
    expect(audience.changes).toBe(5);
  });

  it('takes a filter that it can not read for one that matches all', () => {
    const emitter: Emitter = new EventEmitter();
    const audience = new Audience(emitter);
    emitter.on('plant/a+', () => {});
    expect(audience.hears('anything')).toBe(true);
  });
});
