/** One visit to the broker, to see whether it lets us in and takes our subscriptions. */
import { Broker } from './broker.js';
import type { Trouble } from './broker-trouble.js';
import type { BrokerConfig } from './config-broker.js';
import type { Qos } from './topic.js';

export type ProbeResult =
  | { readonly trouble: Trouble }
  | { readonly trouble?: undefined; readonly protocolVersion: number; readonly refused: readonly string[] };

/**
 * Connects as a client of its own, so that a running daemon keeps its connection, and leaves nothing behind.
 * A broker may accept a subscription and still send nothing (mosquitto with an ACL): only messages prove that.
 * @throws UserError for certificates that are none
 */
export async function probeBroker(
  config: BrokerConfig,
  clientId: string,
  subscriptions: ReadonlyMap<string, Qos>,
): Promise<ProbeResult> {
  const refused: string[] = [];
  let settle: (result: ProbeResult) => void = () => {};
  const result = new Promise<ProbeResult>((resolve) => {
    settle = resolve;
  });
  const broker = new Broker(
    config,
    { clientId, subscriptions, cleanStart: true },
    {
      ready: ({ protocolVersion }) => settle({ protocolVersion, refused }),
      refused: (filter) => refused.push(filter),
      trouble: (trouble) => settle({ trouble }),
    },
  );
  broker.start();
  try {
    return await result;
  } finally {
    await broker.close(0);
  }
}
