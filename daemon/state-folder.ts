/** The state folder: what must survive a restart, and what the log says when the disk refuses it. */
import { join } from 'node:path';
import type { Log } from './log.js';
import { Outbox } from './outbox.js';
import { AuditLog } from './request-audit.js';

/** @throws UserError when the folder can't be used */
export function openOutbox(stateDir: string, log: Log): Outbox {
  const folder = join(stateDir, 'outbox');
  const outbox = Outbox.open(folder, {
    onDisk: (refusal) => {
      if (refusal === undefined) log.info({ folder }, 'the state folder takes everything again; nothing is lost');
      else
        log.error(
          { folder },
          `the state folder can't be written (${refusal}): what changes is in memory alone, and lost if anomalyd ends. Make room, or make it writable.`,
        );
    },
  });
  if (outbox.broken > 0)
    log.warn(
      { folder, lines: outbox.broken },
      'some lines of the state folder can not be read: an alert that waited may be lost, an open alarm may begin anew',
    );
  return outbox;
}

/** @throws UserError when the folder can't be used */
export function openAudit(stateDir: string, log: Log): AuditLog {
  const folder = join(stateDir, 'audit');
  return new AuditLog(folder, (why) =>
    log.error({ folder }, `the audit log can't be written (${why}): the request is carried out, but in no record`),
  );
}
