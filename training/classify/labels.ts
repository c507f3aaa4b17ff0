/** What was wrong, and when: the labels of fault recordings, as the simulator writes its ground truth. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { unknownCause } from '../../model/classifier.js';
import { UserError } from '../../model/errors.js';

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const labelsSchema = z.object({
  faults: z
    .array(
      z.object({
        asset: z.string().min(1),
        fault: z.string().min(1),
        kind: z.string().optional(),
        start: time.optional(),
        onset: time.optional(),
        end: time,
      }),
    )
    .min(1),
});

/** One fault of one machine, event times. */
export interface Label {
  readonly asset: string;
  readonly fault: string;
  /** Nothing was wrong before. */
  readonly startMs: number;
  /** From here on it can be seen. */
  readonly onsetMs: number;
  readonly endMs: number;
}

/** Faults of sensors are left out: the health tests name those. @throws UserError for a file that can't be read or has another form */
export async function readLabels(file: string): Promise<Label[]> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new UserError(`can't be read: ${cause.message}.`, { file }, 'Give the file with the labels.', { cause });
  });
  const form = '{"faults": [{"asset": "pump-1", "fault": "leak", "start": "2026-01-05T08:05:00Z", "end": "..."}]}';
  const parsed = labelsSchema.safeParse(json(text, file, form));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError(`${issue?.message}.`, { file, key: issue?.path.join('.') ?? '' }, `It looks like ${form}`);
  }
  return parsed.data.faults
    .filter(({ kind }) => kind !== 'sensor')
    .map(({ asset, fault, start, onset, end }, i) => {
      const startMs = start ?? onset;
      const place = { file, key: `faults.${i}` };
      if (startMs === undefined)
        throw new UserError('has neither `start` nor `onset`.', place, `It looks like ${form}`);
      if (fault === unknownCause)
        throw new UserError(`no fault is called ${unknownCause}.`, place, 'Name it otherwise.');
      return { asset, fault, startMs, onsetMs: onset ?? startMs, endMs: end };
    });
}

function json(text: string, file: string, form: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(`no JSON: ${(cause as Error).message}.`, { file }, `It looks like ${form}`, { cause });
  }
}
