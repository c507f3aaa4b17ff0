/** What the watchdog sees of the stream from the broker: on a real MQTT client, whose parser is stopped by hand. */
import { PassThrough } from 'node:stream';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Broker } from '../../daemon/broker.js';
import { brokerSchema } from '../../daemon/config-broker.js';
import { hostContext } from '../../daemon/config-file.js';
import { configTexts } from '../../daemon/config-text.js';
import { StreamProgress } from '../../daemon/stream-progress.js';
import { type Mosquitto, startMosquitto } from '../fixtures/mosquitto.js';
import { eventually } from '../fixtures/program.js';
import { has, real } from '../fixtures/tools.js';

it('owes what came and was not handled, and nothing once the connection has ended', () => {
  const progress = new StreamProgress();
  const stream = new PassThrough();
  stream.on('data', () => {});
  progress.follow(stream);
  expect([progress.done, progress.due]).toEqual([0, 0]);
  stream.write('12345');
  expect([progress.done, progress.due]).toEqual([5, 10]);
  progress.note();
  expect([progress.done, progress.due]).toEqual([10, 10]);
  stream.write('half a pack');
  expect(progress.done).toBeLessThan(progress.due);
  progress.end();
  expect(progress.done).toBe(progress.due);
});

it('moves while a large packet comes in piece by piece', () => {
  const progress = new StreamProgress();
  const stream = new PassThrough();
  stream.on('data', () => {});
  progress.follow(stream);
  const seen = [];
  for (let i = 0; i < 3; i++) {
    stream.write('piece');
    seen.push(progress.done);
  }
  expect(new Set(seen).size).toBe(3);
});

describe.skipIf(!has('mosquitto'))(real('with a real broker', 'mosquitto'), () => {
  let mosquitto: Mosquitto;
  beforeAll(async () => {
    mosquitto = await startMosquitto();
  });
  afterAll(() => mosquitto?.stop());

  it('is level while messages are handled, and stands still when the client no longer handles them', async () => {
    const config = brokerSchema(configTexts(hostContext('test'))).parse({ url: mosquitto.url, protocolVersion: 4 });
    let heard = 0;
    const broker = new Broker(
      config,
      { clientId: 'progress', subscriptions: new Map([['plant/#', 1]]), cleanStart: true },
      { message: () => void heard++ },
    );
    broker.start();
    await eventually('the connection', () => broker.connected);
    const sender = await mqtt.connectAsync(mosquitto.url);
    const payload = 'x'.repeat(30_000);
    const send = async (count: number) => {
      for (let i = 0; i < count; i++) await sender.publishAsync('plant/a', payload, { qos: 1 });
    };
    await eventually('the first message', async () => {
      await send(1);
      return heard > 0;
    });
    await send(50);
    await eventually('all handled', () => heard > 50 && broker.progress.done === broker.progress.due);

    const { handleMessage } = mqtt.MqttClient.prototype;
    mqtt.MqttClient.prototype.handleMessage = () => {};
    try {
      await send(100);
      await eventually('a stop', () => broker.progress.done < broker.progress.due);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { done } = broker.progress;
      await send(20);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(broker.progress.done).toBe(done);
    } finally {
      mqtt.MqttClient.prototype.handleMessage = handleMessage;
      await sender.endAsync();
      // It would wait for its client, which handles nothing any more; the broker's end sets it free.
      void broker.close(0);
    }
  });
});
