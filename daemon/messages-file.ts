/** MQTT messages in a file, a JSON object a line, as `mosquitto_sub -F %j` (payload as a text) or `-F %J` (payload as JSON) writes them. */
import { UserError } from '../model/errors.js';
import { linesOf, readChunks } from '../model/lines.js';
import { parseDateTime } from '../model/time.js';

export interface StoredMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retained: boolean;
  /** NaN where the line does not tell. */
  readonly arrivedMs: number;
}

const remedy =
  'Write it with `mosquitto_sub -F %j`: {"topic": "plant/pump-1/telemetry", "payload": "..."}, a line a message.';

/** In the file's order, those of a piece of the file at a time. @throws UserError with file and line */
export async function* readMessages(file: string): AsyncGenerator<readonly StoredMessage[]> {
  let line = 0;
  for await (const lines of linesOf(readChunks(file, remedy))) {
    const messages: StoredMessage[] = [];
    for (const text of lines) {
      line++;
      if (text.trim() === '') continue;
      const message = messageOf(text);
      if (message === undefined) throw new UserError('No message.', { file, line }, remedy);
      messages.push(message);
    }
    yield messages;
  }
}

function messageOf(text: string): StoredMessage | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !('topic' in parsed) || !('payload' in parsed)) return undefined;
  const { topic, payload } = parsed;
  if (typeof topic !== 'string') return undefined;
  const arrivedMs = 'tst' in parsed && typeof parsed.tst === 'string' ? parseDateTime(parsed.tst) : Number.NaN;
  return {
    topic,
    payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
    retained: 'retain' in parsed && parsed.retain === 1,
    arrivedMs,
  };
}
