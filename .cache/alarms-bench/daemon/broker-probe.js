/** One visit to the broker, to see whether it lets us in and takes our subscriptions. */
import { Broker } from './broker.js';
/**
 * Connects as a client of its own, so that a running daemon keeps its connection, and leaves nothing behind.
 * A broker may accept a subscription and still send nothing (mosquitto with an ACL): only messages prove that.
 * @throws UserError for certificates that are none
 */
export async function probeBroker(config, clientId, subscriptions) {
    const refused = [];
    let settle = () => { };
    const result = new Promise((resolve) => {
        settle = resolve;
    });
    const broker = new Broker(config, { clientId, subscriptions, cleanStart: true }, {
        ready: ({ protocolVersion }) => settle({ protocolVersion, refused }),
        refused: (filter) => refused.push(filter),
        trouble: (trouble) => settle({ trouble }),
    });
    broker.start();
    try {
        return await result;
    }
    finally {
        await broker.close(0);
    }
}
