/** `waveform` of an input: bursts of acceleration that become signals. */
import { z } from 'zod';
import { type DefectOrders, defectOrders } from '../model/bearing.js';
import { accelerationUnits, leastSamples } from '../model/waveform.js';
import { parseJsonPath } from './json-path.js';

const path = z.string().superRefine((value, check) => {
  const parsed = parseJsonPath(value);
  if (typeof parsed === 'string') check.addIssue({ code: 'custom', message: parsed });
});
const positive = z.number().positive();

const bearing = z.union([
  z.strictObject({
    balls: z.int().min(3).describe('rolling elements in a row'),
    ballDiameter: positive.describe('mm, or any unit that `pitchDiameter` has'),
    pitchDiameter: positive,
    contactAngleDegrees: z.number().min(0).lt(90).default(0),
  }),
  z.strictObject({
    outerRace: positive.describe('BPFO, BPFI, BSF and FTF of the data sheet, at one turn a second'),
    innerRace: positive,
    ballSpin: positive,
    cage: positive,
  }),
]);

export const waveformSchema = z
  .strictObject({
    signal: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
        'must be letters, digits, "_", "." and "-", starting with a letter or digit',
      )
      .default('vibration')
      .describe("what the names of the burst's signals begin with: `vibration.rms`"),
    samples: path
      .default('$.samples')
      .describe(
        `where the samples stand, in the row or else in the message: a list of numbers, or little-endian 32-bit floats in base64; ${leastSamples} at least, of which the largest power of two is looked at`,
      ),
    rateHz: positive.describe('samples a second'),
    unit: z.enum(Object.keys(accelerationUnits) as [keyof typeof accelerationUnits]).default('m/s2'),
    scale: z.number().default(1).describe('acceleration = number * scale'),
    rpm: z
      .union([positive, path])
      .optional()
      .describe('shaft speed, turns a minute: a number, or where it stands in the row or else in the message'),
    bearing: bearing
      .optional()
      .describe(
        'geometry, or defect frequencies in multiples of shaft speed: lines of its defects become signals, too',
      ),
  })
  .refine(({ bearing, rpm }) => bearing === undefined || rpm !== undefined, {
    path: ['rpm'],
    message: 'is missing: where defects of a bearing are heard depends on the speed of the shaft',
  });

export type WaveformConfig = z.output<typeof waveformSchema>;

export function ordersOf(bearing: WaveformConfig['bearing']): DefectOrders | undefined {
  if (bearing === undefined || 'outerRace' in bearing) return bearing;
  return defectOrders({ ...bearing, contactAngle: (bearing.contactAngleDegrees * Math.PI) / 180 });
}
