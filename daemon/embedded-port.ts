/** A byte stream over a `MessagePort`: our own MQTT client's way into the embedded broker, without a socket or a password. */
import { Duplex } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';

/** Both ends wrap their port; either end's close closes both. */
export class PortStream extends Duplex {
  constructor(private readonly port: MessagePort) {
    super();
    port.on('message', (chunk: Uint8Array | null) => {
      if (!this.readableEnded) this.push(chunk === null ? null : Buffer.from(chunk));
    });
    port.on('close', () => this.destroy());
  }

  override _read(): void {
    // What comes is little, and pushed as it comes.
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.port.postMessage(new Uint8Array(chunk));
    done();
  }

  override _final(done: () => void): void {
    this.port.postMessage(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.port.close();
    done(error);
  }
}
