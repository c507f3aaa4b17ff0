/** Which kind of fault: the newest frames of an asset in alarm, by a graph that learned from labelled recordings. */
import path from 'node:path';
import type { Bundle } from './bundle.js';
import { UserError } from './errors.js';
import type { ResultBatch } from './frames.js';
import { runGolden } from './golden.js';
import type { ClassifierManifest } from './manifest.js';
import { RecentFrames } from './recent-frames.js';
import { type GraphSession, openSession } from './session.js';

/** What a result says where no class is likely enough; no class is called so. */
export const unknownCause = 'unknown';
/** `golden.json` has the classifier's vectors under this name; no detector is called so. */
export const classifierName = 'classifier';

/** Part of the window that must be in alarm before a look: a burst of mostly normal frames looks like anything. */
const leastShare = 0.5;
/** Frames of an alarm between two looks. */
const pause = 4;
/** Looks that the probabilities are averaged over. */
const averaged = 8;
/** Frames below the threshold after which an alarm is over. */
const quietFrames = 30;

/** The class probabilities of one alarm of one asset. */
interface Opinion {
  readonly probabilities: Float64Array;
  looks: number;
  frames: number;
  quiet: number;
}

/** Code k of `ResultBatch.cause` in words; undefined = nobody has looked. */
export function causeOf(classes: readonly string[], code = 0): string | undefined {
  return code === 0 ? undefined : (classes[code - 2] ?? unknownCause);
}

/**
 * Looks at frames of severity 1 and above, every fourth of an alarm once it fills half a window, and averages what it sees: the first frames of a fault show little of it.
 * What is said of a frame depends on the frames of its asset alone.
 */
export class Classifier {
  private readonly recent: RecentFrames;
  private readonly opinions = new Map<number, Opinion>();
  private x: Float32Array<ArrayBuffer> = new Float32Array(0);

  private constructor(
    private readonly manifest: ClassifierManifest,
    private readonly channels: number,
    private readonly session: GraphSession,
  ) {
    this.recent = new RecentFrames(channels, manifest.window);
  }

  /** Undefined for a bundle without. @throws UserError for a graph that does not load or does not give its golden vectors */
  static async open({ dir, manifest, golden }: Bundle): Promise<Classifier | undefined> {
    const { classifier, channels } = manifest;
    if (classifier === undefined) return undefined;
    const file = path.join(dir, classifier.file);
    const session = await openSession(file).catch((cause: Error) => {
      throw new UserError(`The graph does not load: ${cause.message}`, { file }, 'Train the classifier again.', {
        cause,
      });
    });
    try {
      await runGolden(session, golden, { name: classifierName, file: classifier.file });
    } catch (error) {
      await session.close();
      throw error;
    }
    return new Classifier(classifier, channels.length, session);
  }

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    this.recent.ensure(slots);
  }

  reset(slot: number): void {
    this.recent.reset(slot);
    this.opinions.delete(slot);
  }

  /** Takes rows `from` to before `to` of a batch, of different assets, after scoring: `values` [n*C], NaN = masked. Writes `cause` and `certainty`. */
  async step(result: ResultBatch, values: Float32Array, from = 0, to = result.n): Promise<void> {
    const { slot, severity } = result;
    const look: Opinion[] = [];
    const size = this.manifest.window * this.channels;
    for (let i = from; i < to; i++) {
      const s = slot[i] as number;
      this.recent.push(s, values, i * this.channels);
      const opinion = this.opinionOf(s, severity[i] as number);
      if (opinion === undefined || opinion.quiet > 0) continue;
      if (++opinion.frames < leastShare * this.manifest.window || opinion.frames % pause !== 0) continue;
      look.push(opinion);
      if (this.x.length < look.length * size) this.x = grown(this.x, 2 * look.length * size);
      this.recent.copy(s, this.x, (look.length - 1) * size);
    }
    if (look.length > 0) await this.look(look, size);
    for (let i = from; i < to; i++) this.tell(result, i);
  }

  close(): Promise<void> {
    return this.session.close();
  }

  private opinionOf(slot: number, severity: number): Opinion | undefined {
    const known = this.opinions.get(slot);
    if (severity >= 1) {
      const opinion = known ?? {
        probabilities: new Float64Array(this.manifest.classes.length),
        looks: 0,
        frames: 0,
        quiet: 0,
      };
      opinion.quiet = 0;
      this.opinions.set(slot, opinion);
      return opinion;
    }
    if (known !== undefined && ++known.quiet > quietFrames) this.opinions.delete(slot);
    return known;
  }

  private async look(opinions: readonly Opinion[], size: number): Promise<void> {
    const { window, classes } = this.manifest;
    const N = opinions.length;
    const outputs = await this.session.run({
      x: { data: this.x.subarray(0, N * size), dims: [N, window, this.channels] },
    });
    const probabilities = outputs.class as Float32Array;
    for (const [row, opinion] of opinions.entries()) {
      const weight = Math.max(1 / ++opinion.looks, 1 / averaged);
      for (let k = 0; k < classes.length; k++) {
        const before = opinion.probabilities[k] as number;
        opinion.probabilities[k] = before + weight * ((probabilities[row * classes.length + k] as number) - before);
      }
    }
  }

  private tell({ slot, cause, certainty }: ResultBatch, i: number): void {
    const opinion = this.opinions.get(slot[i] as number);
    if (opinion === undefined || opinion.looks === 0) return;
    const { probabilities } = opinion;
    let best = 0;
    for (let k = 1; k < probabilities.length; k++)
      if ((probabilities[k] as number) > (probabilities[best] as number)) best = k;
    certainty[i] = probabilities[best] as number;
    cause[i] = (probabilities[best] as number) >= this.manifest.certainFrom ? best + 2 : 1;
  }
}

function grown(array: Float32Array, size: number): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(size);
  larger.set(array);
  return larger;
}
