/** The log: one line an event, no secrets. */
import { describe, expect, it } from 'vitest';
import { Secret } from '../../daemon/config-text.js';
import { createLog } from '../../daemon/log.js';

function logged(format: 'text' | 'json', options = {}) {
  const lines: string[] = [];
  const log = createLog({ level: 'info', format }, { write: (line) => lines.push(line) }, options);
  return { log, lines };
}

describe('log', () => {
  it('writes text for people', () => {
    const { log, lines } = logged('text');
    log.info({ asset: 'pump-1' }, 'asset taken up');
    log.debug('not shown');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] INFO: asset taken up \{"asset":"pump-1"\}\n$/);
  });

  it('writes JSON for collectors', () => {
    const { log, lines } = logged('json');
    log.warn({ asset: 'pump-1' }, 'asset refused');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', asset: 'pump-1', msg: 'asset refused' });
  });

  it("writes systemd's priorities for the journal", () => {
    const { log, lines } = logged('text', { journal: true });
    log.error('broken');
    expect(lines[0]).toMatch(/^<3>.*broken\n$/);
  });

  it.each(['text', 'json'] as const)('shows no secret as %s', (format) => {
    const { log, lines } = logged(format);
    const password = new Secret('sesame', 'here');
    log.info(
      { password: 'sesame', broker: { password: 'sesame', url: 'mqtt://h' }, secretly: password, in: { it: password } },
      'x',
    );
    log.error({ err: Object.assign(new Error('failed'), { code: 'E1' }) }, `with ${password}`);
    expect(lines.join('')).not.toContain('sesame');
    expect(lines.join('')).toContain('mqtt://h');
    expect(lines[1]).toContain('failed');
  });
});
