/** Topic templates against the rules of MQTT. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, matchTopic, parseTopicTemplate, type TopicTemplate } from '../../daemon/topic.js';

const parse = (text: string) => parseTopicTemplate(text) as TopicTemplate;
const level = fc.stringMatching(/^[a-z]{0,3}$/);
const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'))
  .filter((text) => text !== '');

/** MQTT 5, 4.7, as a regular expression. */
function matches(text: string, topic: string): boolean {
  const pattern = text
    .split('/')
    .map((level) => (level === '+' ? '[^/]*' : level === '#' ? '.*' : level.replace(/[$]/g, '\\$')))
    .join('/')
    .replace(/\/\.\*$/, '(/.*)?');
  return new RegExp(`^${pattern}$`).test(topic);
}

describe('matchTopic', () => {
  it.each([
    ['plant/{area}/{asset}/telemetry', 'plant/north/pump-1/telemetry', ['north', 'pump-1']],
    ['plant/{area}/{asset}/telemetry', 'plant/north/pump-1', undefined],
    ['plant/{area}/{asset}/telemetry', 'plant/north/pump-1/telemetry/x', undefined],
    ['{asset}/#', 'a', ['a']],
    ['{asset}/#', 'a/b/c', ['a']],
    ['+/{asset}', '/x', ['x']],
    ['#', '$SYS/broker/load', undefined],
    ['+/x', '$SYS/x', undefined],
    ['$SYS/{asset}', '$SYS/x', ['x']],
    ['$share/group/plant/{asset}', 'plant/x', ['x']],
    ['a//{asset}', 'a//b', ['b']],
    ['{asset}', '', ['']],
  ])('%s and %s', (template, topic, names) => {
    expect(matchTopic(parse(template), topic)).toEqual(names);
  });

  it('agrees with the filter it subscribes', () => {
    fc.assert(
      fc.property(filter, topic, (text, topic) => {
        expect(matchTopic(parse(text), topic) !== undefined).toBe(matches(text, topic));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back what was put in for the names', () => {
    fc.assert(
      fc.property(fc.array(level, { minLength: 3, maxLength: 3 }), ([a = '', b = '', c = '']) => {
        expect(matchTopic(parse('x/{a}/y/{b}/{c}'), `x/${a}/y/${b}/${c}`)).toEqual([a, b, c]);
      }),
    );
  });
});

describe('parseTopicTemplate', () => {
  it.each([
    ['plant/{area}/{asset}/telemetry', 'plant/+/+/telemetry'],
    ['$share/group/{asset}/#', '$share/group/+/#'],
    ['plant/+/{asset}', 'plant/+/+'],
  ])('subscribes %s as %s', (template, filter) => {
    expect(parse(template).filter).toBe(filter);
  });

  it.each(['', 'a/#/b', 'a#', 'a/b+', '{a}x', '{a}/{a}', '{1}', '{', '$share/x', 'a\0b'])('refuses %j', (template) => {
    expect(parseTopicTemplate(template)).toBeTypeOf('string');
  });
});

describe('covers', () => {
  it('means that no topic escapes', () => {
    fc.assert(
      fc.property(filter, filter, topic, (a, b, topic) => {
        if (covers(a, b) && matches(b, topic)) expect(matches(a, topic)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['#', 'a/b', true],
    ['a/#', 'a', true],
    ['a/+', 'a/b', true],
    ['a/+', 'a/#', false],
    ['a/b', 'a/+', false],
    ['#', '$SYS/x', false],
    ['a', '$share/g/a', false],
  ])('%s over %s: %s', (a, b, expected) => {
    expect(covers(a, b)).toBe(expected);
  });
});
