/** Plain messages of an MQTT client's connections, read before the client reads: the client takes several microseconds for each, and its socket is what a busy gateway has no time for. */
import { Socket } from 'node:net';
import type { MqttClient } from 'mqtt';
import { pushThrough, Shortcut, ShortTopics } from './shortcut.js';

/** QoS 0, not retained, over TCP or TLS. All else is the client's, and it is waited for where it is behind. */
export class PlainMessages {
  /** Packets of this connection that the client has come to. */
  private handled = 0;
  private readonly topics = new ShortTopics();

  /** For a client just made, whose first connection has brought nothing yet. `take` gets messages in order with those that the client emits. */
  constructor(
    private readonly client: MqttClient,
    private readonly take: (topic: string, payload: Buffer) => void,
  ) {
    this.follow();
    client.on('packetsend', ({ cmd }) => {
      // The first packet of every later connection.
      if (cmd === 'connect') this.follow();
    });
    client.on('packetreceive', () => {
      this.handled++;
    });
  }

  private follow(): void {
    const { client } = this;
    const { stream } = client;
    this.handled = 0;
    if (!(stream instanceof Socket)) return;
    const shortcut = new Shortcut({
      hasProperties: client.options.protocolVersion === 5,
      isOpen: (left) => client.connected && left === this.handled,
      take: (name, payload) => {
        const topic = this.topics.find(name);
        if (topic === undefined) return 'left';
        this.take(topic, payload);
        return 'taken';
      },
    });
    let isCorked = false;
    // A chunk brings many messages, and the client writes an acknowledgement for each: they go out together.
    pushThrough(stream, shortcut, () => {
      if (isCorked) return;
      isCorked = true;
      stream.cork();
      setImmediate(() => {
        isCorked = false;
        stream.uncork();
      });
    });
  }
}
