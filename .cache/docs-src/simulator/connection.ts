/** A connection to an MQTT broker from command-line options. */
import { readFileSync } from 'node:fs';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { UserError } from '../model/errors.js';

export interface ConnectionOptions {
  /** `mqtt://host:1883`, `mqtts://host:8883`, `ws://`, `wss://`. */
  readonly broker: string;
  readonly username?: string;
  /** The password never stands on a command line, where every process can read it. */
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly clientId?: string;
}

/** Connects once; throws `UserError` where the broker can't be reached or refuses. */
export async function openConnection(options: ConnectionOptions): Promise<MqttClient> {
  const read = (path: string, key: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UserError(`can't read it: ${why}.`, { file: path, key }, 'Name a readable file.', { cause });
    }
  };
  const mqtt: IClientOptions = {
    ...(options.clientId === undefined ? {} : { clientId: options.clientId }),
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.passwordFile === undefined
      ? {}
      : {
          password: read(options.passwordFile, '--password-file')
            .toString('utf8')
            .replace(/\r?\n$/, ''),
        }),
    ...(options.ca === undefined ? {} : { ca: read(options.ca, '--ca') }),
    ...(options.cert === undefined ? {} : { cert: read(options.cert, '--cert') }),
    ...(options.key === undefined ? {} : { key: read(options.key, '--key') }),
    connectTimeout: 10_000,
  };
  try {
    // Without retries: a person stands before this program and can mend what is wrong.
    return await connectAsync(options.broker, mqtt, false);
  } catch (cause) {
    throw new UserError(
      `can't connect to ${withoutCredentials(options.broker)}: ${reasonOf(cause)}.`,
      { key: '--broker' },
      'Is the broker running there, and do user, password and certificates match?',
      { cause },
    );
  }
}

/** `AggregateError` of a host with several addresses has no message of its own. */
function reasonOf(cause: unknown): string {
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  return inner instanceof Error && inner.message !== '' ? inner.message : String(inner);
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
