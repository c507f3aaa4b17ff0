import { expect, it } from 'vitest';
import { Rights } from '../../daemon/embedded-permissions.js';

const permissions = [
  { users: ['sensor-*'], publish: ['plant/{user}/#'], subscribe: ['plant/{user}/command'] },
  {
    users: ['operator', 'sensor-7'],
    publish: ['anomalyd/gw/bridge/request/#'],
    subscribe: ['anomalyd/#', 'plant/+/row'],
  },
];

it('adds up the rights of all that match a name', () => {
  const seven = new Rights(permissions, 'sensor-7');
  expect(
    ['plant/sensor-7/row', 'anomalyd/gw/bridge/request/alarm/ack'].map((topic) => seven.mayPublish(topic)),
  ).toEqual([true, true]);
  const eight = new Rights(permissions, 'sensor-8');
  expect(
    ['plant/sensor-8/row', 'plant/sensor-7/row', 'anomalyd/gw/bridge/request/alarm/ack'].map((topic) =>
      eight.mayPublish(topic),
    ),
  ).toEqual([true, false, false]);
});

it('lets nobody subscribe more than they may', () => {
  const operator = new Rights(permissions, 'operator');
  const may = (filter: string) => operator.maySubscribe(filter);
  expect(['anomalyd/#', 'anomalyd/gw/+/alarm/+', 'plant/a/row', 'plant/+/row'].every(may)).toBe(true);
  expect(['#', '+/gw', 'plant/#', 'plant/a/command', '$SYS/#'].some(may)).toBe(false);
});

it('does not let a name widen a filter', () => {
  const all = [{ users: ['*'], publish: ['plant/{user}/row'], subscribe: ['plant/{user}/#'] }];
  for (const name of ['+', '#', 'a/b', '']) {
    const rights = new Rights(all, name);
    expect([rights.mayPublish('plant/x/row'), rights.maySubscribe('plant/x/#')]).toEqual([false, false]);
  }
});
