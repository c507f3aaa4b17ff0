import { describe, expect, it } from 'vitest';
import { UserError } from '../../model/errors.js';
import { parseFaults } from '../../simulator/fault-spec.js';

const assets = ['pump-1', 'pump-2'];

describe('parseFaults', () => {
  it('reads every part, and fills in what is left out', () => {
    expect(
      parseFaults('pump-1:bearing-wear@5m+10m-25m*0.8, pump-2:bias:pressure@90s,pump-2:gap@1m-2m', assets, 3600),
    ).toEqual([
      { asset: 'pump-1', kind: 'machine', fault: 'bearing-wear', startS: 300, growthS: 600, severity: 0.8, endS: 1500 },
      {
        asset: 'pump-2',
        kind: 'sensor',
        fault: 'bias',
        signal: 'pressure',
        startS: 90,
        growthS: 0,
        severity: 1,
        endS: 3600,
      },
      { asset: 'pump-2', kind: 'sensor', fault: 'gap', startS: 60, growthS: 0, severity: 1, endS: 120 },
    ]);
  });

  it.each([
    ['rubbish', /"rubbish" is no fault.*ASSET:FAULT/],
    ['pump-9:leak@1m', /no asset "pump-9".*pump-1 to pump-2/],
    ['pump-1:rust@1m', /no fault "rust".*imbalance.*duplicate/],
    ['pump-1:bias@1m', /names no signal.*temperature/],
    ['pump-1:bias:colour@1m', /no signal "colour"/],
    ['pump-1:leak@soon', /"soon" is no duration.*90s/],
    ['pump-1:leak@5m-2m', /ends before it starts/],
    ['pump-1:leak@1m*2', /"2" is no severity/],
  ])('%s is refused with place and remedy', (text, message) => {
    const attempt = (): unknown => parseFaults(text, assets, 3600);
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(/^--faults: /);
  });
});
