import { describe, expect, it } from 'vitest';
import { Alarms } from '../../../daemon/alarm/alarms.js';
import { alarmConfigSchema } from '../../../daemon/alarm/config.js';
import { Alertmanager, type AlertmanagerAlert } from '../../../daemon/format/alertmanager.js';
import { discoveryOf, undiscover } from '../../../daemon/format/home-assistant.js';
import { Topics } from '../../../daemon/publish-topics.js';
import { batch, pumps, startMs } from '../alarm/batches.js';
import { problems } from '../message/schemas.js';

describe('Home Assistant discovery', () => {
  const topics = new Topics('anomalyd/gw');
  const messages = discoveryOf('pump 1/ü'.replace('/', '.'), 'gw.1', 'homeassistant', '0.1.0', topics);

  it('announces a problem sensor an alarm type, under plain and distinct topics', () => {
    expect(messages).toHaveLength(3);
    for (const { topic, retain } of messages) {
      expect(topic).toMatch(/^homeassistant\/binary_sensor\/[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+\/config$/);
      expect(retain).toBe(true);
    }
    expect(discoveryOf('a_b', 'g', 'h', '1', topics)[0]?.topic).not.toBe(
      discoveryOf('a b', 'g', 'h', '1', topics)[0]?.topic,
    );
  });

  it('points at our topics, and goes with our availability and that of the asset', () => {
    const config = JSON.parse(String(messages[0]?.payload));
    expect(config).toMatchObject({
      unique_id: 'anomalyd_gw_2e_1_pump_20_1_2e__fc__machine-anomaly',
      device_class: 'problem',
      state_topic: 'anomalyd/gw/pump 1.ü/alarm/machine-anomaly',
      availability_mode: 'all',
    });
    expect(config.availability.map(({ topic }: { topic: string }) => topic)).toEqual([
      'anomalyd/gw/bridge/state',
      'anomalyd/gw/pump 1.ü/availability',
    ]);
    expect(JSON.parse(String(messages[2]?.payload)).availability).toHaveLength(1);
  });

  it('is taken back by empty messages', () => {
    expect(undiscover(messages).map(({ payload }) => payload)).toEqual(['', '', '']);
  });
});

describe('Alertmanager push', () => {
  function setup(status = 200) {
    const posts: { url: string; alerts: AlertmanagerAlert[] }[] = [];
    const answer = { status };
    const manager = new Alertmanager({
      url: 'http://am:9093/',
      gateway: 'gw',
      post: async (url, body) => {
        posts.push({ url, alerts: JSON.parse(body) });
        return answer.status;
      },
    });
    const alarms = new Alarms({
      gateway: 'gw',
      config: alarmConfigSchema.parse({}),
      configHash: null,
      onChange: ({ message }) => manager.update(message),
    });
    alarms.setBundle(0, pumps(['pump-1']));
    const feed = (second: number, severity: number) =>
      alarms.results(0, batch([{ timeMs: startMs + second * 1000, severity }]), startMs + second * 1000);
    return { manager, alarms, posts, answer, feed };
  }

  it('says nothing while nothing is open', async () => {
    const { manager, posts } = setup();
    expect(await manager.push()).toBe(true);
    expect(posts).toEqual([]);
  });

  it('pushes open alarms again and again, and their end three times', async () => {
    const { manager, posts, feed, alarms } = setup();
    feed(0, 1.5);
    const id = alarms.retained()[0]!.id;
    await manager.push();
    await manager.push();
    for (let second = 1; second < 70; second++) feed(second, 0);
    for (let k = 0; k < 5; k++) await manager.push();
    expect(posts).toHaveLength(5);
    for (const { url, alerts } of posts) {
      expect(url).toBe('http://am:9093/api/v2/alerts');
      for (const alert of alerts) expect(problems('alertmanager', alert)).toEqual([]);
    }
    expect(posts[0]?.alerts[0]).toMatchObject({
      labels: {
        alertname: 'AnomalydMachineAnomaly',
        gateway: 'gw',
        asset: 'pump-1',
        type: 'machine-anomaly',
        severity: 'warning',
      },
      annotations: { id },
      startsAt: '2026-03-01T14:00:00.000Z',
    });
    expect(posts.map(({ alerts }) => alerts[0]?.endsAt)).toEqual([
      undefined,
      undefined,
      ...Array(3).fill('2026-03-01T14:00:01.000Z'),
    ]);
  });

  it('on escalation ends the alert of the old severity', async () => {
    const { manager, posts, feed } = setup();
    feed(0, 1.5);
    await manager.push();
    feed(1, 5);
    await manager.push();
    expect(posts[1]?.alerts.map(({ labels, endsAt }) => [labels.severity, endsAt !== undefined])).toEqual([
      ['warning', true],
      ['critical', false],
    ]);
  });

  it('withholds silenced alarms', async () => {
    const { manager, posts, feed, alarms } = setup();
    alarms.results(0, batch([{ timeMs: startMs - 1000 }]), startMs);
    alarms.command(
      { target: { asset: 'pump-1' }, action: { kind: 'out-of-service' }, by: null, comment: null },
      startMs,
    );
    feed(0, 5);
    await manager.push();
    expect(posts).toEqual([]);
  });

  it('keeps trying when nobody takes it', async () => {
    const { manager, answer, feed, posts } = setup(500);
    feed(0, 1.5);
    for (let second = 1; second < 70; second++) feed(second, 0);
    for (let k = 0; k < 5; k++) expect(await manager.push()).toBe(false);
    expect(manager.failures).toBe(5);
    answer.status = 200;
    expect(await manager.push()).toBe(true);
    expect(posts).toHaveLength(6);
  });
});
