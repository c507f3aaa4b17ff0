/** The thread of the embedded broker: aedes with our doors, accounts and permissions; what the inputs ask for goes to the daemon through the ring. */
import { parentPort, workerData } from 'node:worker_threads';
import { EmbeddedBroker } from './embedded-broker.js';
import type { BrokerOrder, BrokerReport, BrokerStart } from './embedded-orders.js';
import { PortStream } from './embedded-port.js';
import { RingWriter } from './embedded-ring.js';

if (parentPort === null) throw new Error('embedded-thread.ts runs in a worker thread only');
const port = parentPort;
const report = (report: BrokerReport) => port.postMessage(report);
const ring = new RingWriter((workerData as BrokerStart).ring, () => report({ report: 'messages' }));
const broker = await EmbeddedBroker.create(ring, (level, text) => report({ report: 'said', level, text }));
port.on('message', async (order: BrokerOrder) => {
  if (order.order === 'room') broker.resume();
  else if (order.order === 'admit') broker.admit(new PortStream(order.port));
  else {
    const problem = await broker.configure(order.settings);
    report(problem === undefined ? { report: 'configured' } : { report: 'refused', ...problem });
  }
});
