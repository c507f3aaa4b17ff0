/** Pushes alarms to Prometheus Alertmanager (`/api/v2/alerts`): same identity as over MQTT, ended when they end. */
import { z } from 'zod';
import type { AlarmMessage } from '../message/alarm.js';

const label = z.record(z.string(), z.string());

/** One alert as Alertmanager's API takes it (OpenAPI `postableAlert`). */
export const alertmanagerSchema = z.strictObject({
  labels: label.describe('identity: alertname, gateway, asset, type, severity'),
  annotations: label,
  startsAt: z.iso.datetime(),
  endsAt: z.iso
    .datetime()
    .describe('when it ended; of an open one, when it is over unless we say it again: four times `repeatS` ahead'),
});
export type AlertmanagerAlert = z.infer<typeof alertmanagerSchema>;

/** Resolves with the HTTP status; rejects when nobody answers. */
export type Post = (url: string, body: string) => Promise<number>;

export interface AlertmanagerOptions {
  readonly url: string;
  readonly gateway: string;
  readonly post: Post;
  /** How often open alarms are pushed again. */
  readonly repeatS: number;
  readonly log: Record<'info' | 'warn', (fields: object, text: string) => void>;
}

const alertNames: Record<AlarmMessage['type'], string> = {
  'machine-anomaly': 'AnomalydMachineAnomaly',
  'sensor-fault': 'AnomalydSensorFault',
  'data-stale': 'AnomalydDataStale',
};

/** After its end an alert is pushed this often, in case a push was lost with nobody to notice. */
const farewells = 3;

/** An open alert that is not pushed for so many repeats is over in Alertmanager's eyes, as with Prometheus. */
const repeatsUntilForgotten = 4;
const firstRetryMs = 1000;

interface Known {
  alert: Omit<AlertmanagerAlert, 'endsAt'> & { readonly endsAt?: string };
  farewells: number;
}

/**
 * Alertmanager identifies alerts by their labels and expects them again and again, so nothing is queued: each push says all. Silenced alarms are
 * withheld, as they are over MQTT. Severity is a label because routes go by it; when it changes the alert with the old one ends.
 */
export class Alertmanager {
  readonly #known = new Map<string, Known>();
  #pushing: Promise<boolean> | undefined;
  #dueMs = Number.NEGATIVE_INFINITY;
  #retryMs = 0;
  /** Pushes tried, and those of them that failed. */
  pushes = 0;
  failures = 0;

  constructor(readonly options: AlertmanagerOptions) {}

  /** Takes the state of an alarm, to be pushed next time. */
  update(message: AlarmMessage): void {
    const key = `${message.asset}\0${message.type}`;
    for (const [label, known] of this.#known)
      if (label.startsWith(`${key}\0`) && known.alert.endsAt === undefined)
        if (!isOpen(message) || label !== keyOf(message))
          known.alert = { ...known.alert, endsAt: message.endsAt ?? message.updatedAt ?? known.alert.startsAt };
    if (isOpen(message)) this.#known.set(keyOf(message), { alert: alertOf(message, this.options.gateway), farewells });
    this.#hurry();
  }

  /** Ends all alerts of an asset that is no more. */
  end(asset: string, nowMs: number): void {
    const endsAt = new Date(nowMs).toISOString();
    for (const [label, known] of this.#known)
      if (label.startsWith(`${asset}\0`) && known.alert.endsAt === undefined) known.alert = { ...known.alert, endsAt };
    this.#hurry();
  }

  /** Pushes when something has changed, when it is time to say it again, and when a push failed, later and later. Call it about once a second. */
  tick(nowMs: number): void {
    if (nowMs < this.#dueMs || this.#pushing !== undefined) return;
    const { repeatS, log, url } = this.options;
    this.#dueMs = nowMs + 1000 * repeatS;
    void this.push(nowMs).then((done) => {
      if (done && this.#retryMs > 0) log.info({ url }, 'Alertmanager takes alarms again');
      if (!done && this.#retryMs === 0) log.warn({ url }, 'Alertmanager does not take alarms; trying again');
      this.#retryMs = done ? 0 : Math.min(1000 * repeatS, Math.max(firstRetryMs, 2 * this.#retryMs));
      if (!done) this.#dueMs = nowMs + this.#retryMs;
    });
  }

  /** Pushes all open alarms and those that ended lately. False when it failed; never rejects. */
  push(nowMs: number): Promise<boolean> {
    this.#pushing ??= this.#send(nowMs).finally(() => {
      this.#pushing = undefined;
    });
    return this.#pushing;
  }

  /** While it does not answer, its retries say it all. */
  #hurry(): void {
    if (this.#retryMs === 0) this.#dueMs = Number.NEGATIVE_INFINITY;
  }

  async #send(nowMs: number): Promise<boolean> {
    const sent = [...this.#known].map(([key, { alert }]) => [key, alert] as const);
    if (sent.length === 0) return true;
    const endsAt = new Date(nowMs + 1000 * this.options.repeatS * repeatsUntilForgotten).toISOString();
    this.pushes++;
    try {
      const status = await this.options.post(
        `${this.options.url.replace(/\/+$/, '')}/api/v2/alerts`,
        JSON.stringify(sent.map(([, alert]): AlertmanagerAlert => ({ endsAt, ...alert }))),
      );
      if (status < 200 || status > 299) throw new Error(`HTTP ${status}`);
    } catch {
      this.failures++;
      return false;
    }
    for (const [key, alert] of sent) {
      const known = this.#known.get(key);
      if (known === undefined || alert.endsAt === undefined || known.alert !== alert) continue;
      known.farewells--;
      if (known.farewells === 0) this.#known.delete(key);
    }
    return true;
  }
}

function isOpen({ state, id }: AlarmMessage): boolean {
  return id !== null && (state === 'active' || state === 'acknowledged');
}

function keyOf({ asset, type, severity }: AlarmMessage): string {
  return `${asset}\0${type}\0${severity}`;
}

function alertOf(message: AlarmMessage, gateway: string): Known['alert'] {
  const { asset, type, severity, startsAt, updatedAt } = message;
  return {
    labels: { alertname: alertNames[type], gateway, asset, type, severity: severity ?? 'warning' },
    annotations: {
      summary: message.reason,
      description: message.message,
      id: message.id ?? '',
      ...(message.suspect !== null && { suspect: `${message.suspect.verdict}: ${message.suspect.signals.join(', ')}` }),
      ...(message.bundle !== null && { bundle: `${message.bundle.name} ${message.bundle.version}` }),
    },
    startsAt: startsAt ?? updatedAt ?? new Date(0).toISOString(),
  };
}
