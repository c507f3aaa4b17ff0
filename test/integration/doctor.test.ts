/** `anomalyd doctor` on live systems that are well, and that are broken each in one way. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { channels, type Gateway, joinPlant, makeGateway, type Plant } from '../fixtures/gateway.js';
import { type Mosquitto, startMosquitto } from '../fixtures/mosquitto.js';
import { startProgram } from '../fixtures/program.js';
import { has, real } from '../fixtures/tools.js';

describe.skipIf(!has('mosquitto'))(real('anomalyd doctor', 'mosquitto'), () => {
  let mosquitto: Mosquitto;
  let plant: Plant;
  let gateway: Gateway;
  let feeding: NodeJS.Timeout | undefined;

  beforeAll(async () => {
    mosquitto = await startMosquitto();
    plant = await joinPlant(mosquitto.url);
  });
  afterEach(() => {
    clearInterval(feeding);
    gateway.remove();
  });
  afterAll(async () => {
    await plant?.end();
    await mosquitto?.stop();
  });

  const doctor = async (payload?: () => unknown, changes = {}) => {
    gateway = await makeGateway(mosquitto.url, changes);
    if (payload !== undefined)
      feeding = setInterval(() => void plant.send('plant/pump-1/telemetry', JSON.stringify(payload())), 200);
    const program = startProgram(['doctor', '--config', gateway.configFile, '--duration', '2s']);
    const code = await program.ended;
    return { code, text: program.stdout() };
  };
  const row = (values: Record<string, unknown>, timeMs = Date.now()) => ({ time: timeMs, ...values });
  const all = Object.fromEntries(channels.map((name) => [name, 0.1]));

  it('finds nothing wrong where nothing is, but that no daemon runs', async () => {
    const { code, text } = await doctor(() => row(all));
    expect(text).toMatch(/ok {5}inputs\[0\]: \d+ messages/);
    expect(text).toMatch(/ok {5}asset pump-1: all 3 signals/);
    expect(text).toMatch(/LOOK {3}daemon: nothing answers/);
    expect(text).not.toContain('BROKEN');
    expect(code).toBe(0);
  });

  it('tells a silent topic', async () => {
    const { code, text } = await doctor(undefined);
    expect(text).toMatch(/BROKEN inputs\[0\]: nothing came on plant\/\{asset\}\/telemetry/);
    expect(code).toBe(1);
  });

  it('tells names that the bundle does not know, with an example and what to do', async () => {
    const { code, text } = await doctor(() => row({ Temp: 1 }));
    expect(text).toMatch(/BROKEN decoding: \d+ times "(unknown-signal|no-values)".*plant\/pump-1\/telemetry.*Temp/);
    expect(text).toContain('signals');
    expect(code).toBe(1);
  });

  it('tells a missing signal and old readings', async () => {
    const { code, text } = await doctor(() => row({ temperature: 1, pressure: 1 }, Date.now() - 3_600_000));
    expect(text).toMatch(/LOOK {3}asset pump-1: flow never came/);
    expect(text).toMatch(/LOOK {3}asset pump-1: readings are up to 3600 s old/);
    expect(code).toBe(0);
  });

  it('tells a broker that is not there', async () => {
    const { code, text } = await doctor(undefined, { broker: { url: 'mqtt://127.0.0.1:1' } });
    expect(text).toMatch(/BROKEN broker: nothing answers at mqtt:\/\/127.0.0.1:1/);
    expect(code).toBe(1);
  });
});
