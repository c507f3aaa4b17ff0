import { expect, it } from 'vitest';
import { readinessProblems } from '../../daemon/daemon-state.js';

type Running = Parameters<typeof readinessProblems>[0];

const running = (
  refused: readonly string[],
  parts: { connected?: boolean; stuck?: string; plant?: object | undefined } = {},
) =>
  ({
    watchdog: { stuck: parts.stuck ?? '' },
    plant: 'plant' in parts ? parts.plant : {},
    connection: { connected: parts.connected ?? true, refused: new Map(refused.map((filter) => [filter, 135])) },
    config: {
      inputs: [
        { topic: 'plant/{asset}', qos: 1 },
        { topic: 'mill/{asset}', qos: 1 },
      ],
    },
  }) as unknown as Running;

it.each([
  ['all is well', running([]), []],
  ['one input is refused', running(['plant/+']), []],
  ['every input is', running(['mill/+', 'plant/+']), ['the broker refuses the subscription to plant/+, mill/+']],
  ['the broker is away', running([], { connected: false }), ['not connected to the broker']],
  ['at the start', running([], { plant: undefined }), ['bundles are being opened']],
  ['a stage is stuck', running([], { stuck: 'scoring' }), ['scoring has work and finishes none']],
])('%s', (_, state, problems) => expect(readinessProblems(state)).toEqual(problems));
