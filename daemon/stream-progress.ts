/** Whether what a connection brings is dealt with: bytes that came, against bytes whose packets were handled. */
import type { Duplex } from 'node:stream';

/**
 * Seen from outside the MQTT client, whose parser may stand still while the connection lives. A packet that comes in slowly, piece by piece, is progress too.
 * A client that handles nothing stops reading, sooner or later, so that both counts stand: the stream that it has stopped is what is owed.
 */
export class StreamProgress {
  private received = 0;
  private handled = 0;
  private stream: Duplex | undefined;

  /** A new connection; what is left of the one before it is void. */
  follow(stream: Duplex): void {
    this.handled = this.received;
    this.stream = stream;
    // Before the listener of the pipe, which handles packets at once.
    stream.prependListener('data', (chunk: Buffer) => {
      this.received += chunk.length;
    });
  }

  /** The connection has ended. */
  end(): void {
    this.stream = undefined;
    this.note();
  }

  /** Hot: a packet was handled; those before it were, too. */
  note(): void {
    this.handled = this.received;
  }

  /** For `Watchdog`: rises with every byte that comes, and again with every byte that is handled. */
  get done(): number {
    return this.received + this.handled;
  }

  /** What `done` reaches when nothing is left to do. */
  get due(): number {
    return 2 * this.received + (this.stream?.isPaused() === true ? 1 : 0);
  }
}
