import { expect, it } from 'vitest';
import type { Log } from '../../daemon/log.js';
import { RejectionNotice } from '../../daemon/rejection-notice.js';
import { type Rejection, readingRejections, rejectionIndex } from '../../daemon/rejections.js';

it('says once, for each reason, that messages or rows are left out, and anew for another config', () => {
  const rejected = new Float64Array(readingRejections.length);
  const lines: string[] = [];
  const warn = (facts: object, text: string) => lines.push(`${JSON.stringify(facts)} ${text}`);
  const notice = new RejectionNotice(rejected, { warn } as unknown as Log);
  const reject = (reason: Rejection, times = 1) => {
    rejected[rejectionIndex[reason]]! += times;
  };
  const told = () => {
    notice.tick();
    return lines.splice(0);
  };
  expect(told()).toEqual([]);
  reject('no-time', 3);
  reject('unknown-signal');
  reject('retained');
  const line =
    '{"reason":"no-time","rows":3} left out: `time` leads nowhere in the row (see `missingTime`). `anomalyd doctor` shows where; told once';
  expect(told()).toEqual([line]);
  reject('no-time', 3);
  expect(told()).toEqual([]);
  notice.reset();
  expect(told()).toEqual([]);
  reject('no-time', 3);
  expect(told()).toEqual([line]);
});
