/** Publishes messages over MQTT at a chosen pace. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import type { Clock } from '../model/clock.js';
import type { Pace } from './pace.js';
import type { Message } from './plant.js';
import { signalNames } from './signals.js';

export interface PublishOptions {
  /** With `{asset}` and perhaps `{area}`; with `{signal}` each signal goes to a topic of its own. */
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  readonly pace: Pace;
  readonly clock: Clock;
  /** Stops sending; what was handed to the client still goes out. */
  readonly signal?: AbortSignal;
}

export const defaultTopic = 'plant/{area}/{asset}/telemetry';

export interface Publication {
  readonly topic: string;
  readonly payload: string;
}

/** The area an asset stands in: the fleet fills halls of four. */
export function areaOf(asset: string): string {
  const number = Number(/(\d+)$/.exec(asset)?.[1] ?? 1);
  return `hall-${Math.floor((number - 1) / 4) + 1}`;
}

/** A row message `{"ts": ms, "temperature": ..}`, or one `{"ts": ms, "value": ..}` a signal. */
export function publicationsOf(message: Message, template: string): Publication[] {
  const topic = template.replaceAll('{asset}', message.asset).replaceAll('{area}', areaOf(message.asset));
  if (!topic.includes('{signal}')) {
    return [{ topic, payload: JSON.stringify({ ts: message.timeMs, ...message.values }) }];
  }
  return signalNames.map((name) => ({
    topic: topic.replaceAll('{signal}', name),
    payload: JSON.stringify({ ts: message.timeMs, value: message.values[name] }),
  }));
}

/** Sends each message when it is due; returns how many were published. Rejects where the client fails for good. */
export function publish(client: MqttClient, messages: Iterable<Message>, options: PublishOptions): Promise<number> {
  const { topic, ...sending } = options;
  return send(client, deliveriesOf(messages, topic), sending);
}

function* deliveriesOf(messages: Iterable<Message>, topic: string): Generator<Delivery, void, void> {
  for (const message of messages)
    yield { deliveryMs: message.deliveryMs, publications: publicationsOf(message, topic) };
}

/** What is due at one time. */
export interface Delivery {
  readonly deliveryMs: number;
  readonly publications: readonly Publication[];
}

/** Sends each delivery when it is due; returns how many publications there were. Rejects where the client fails for good. */
export async function send(
  client: MqttClient,
  deliveries: Iterable<Delivery>,
  options: Omit<PublishOptions, 'topic'>,
): Promise<number> {
  const { clock, pace, qos, signal } = options;
  const startMs = clock.monotonic();
  let sent = 0;
  let last: Promise<unknown> = Promise.resolve();
  for (const { deliveryMs, publications } of deliveries) {
    const waitMs = pace(deliveryMs) - (clock.monotonic() - startMs);
    // Timers are no finer than a millisecond; shorter waits would only slow a fast run down.
    if (waitMs > 1) await sleep(waitMs, undefined, signal === undefined ? {} : { signal }).catch(ignoreAbort);
    // Back-pressure: never more than a thousand publications between us and the broker.
    else if (sent % 1000 === 999) await last;
    if (signal?.aborted) break;
    for (const { topic: to, payload } of publications) {
      last = client.publishAsync(to, payload, { qos });
      // A broken connection rejects every publication under way; the last one is awaited and tells.
      last.catch(() => {});
      sent++;
    }
  }
  await last;
  return sent;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
