/** Why a message, a row or a reading is left out: the one table behind `anomalyd_readings_rejected_total{reason}` and its documentation. */

export const readingRejections = [
  ['too-large', 'message', 'the payload is larger than 1 MiB'],
  ['empty', 'message', 'the payload is empty, as when a retained message is deleted'],
  ['not-json', 'message', 'the payload is neither JSON nor, where one is expected, a plain number'],
  ['retained', 'message', 'a retained message without a time of its own: nobody knows how old it is'],
  ['no-values', 'row', "the row holds none of the bundle's signals"],
  ['no-waveform', 'row', 'the row holds no burst where `waveform.samples` leads'],
  ['bad-waveform', 'row', 'the burst is no list of 1,024 or more finite numbers, nor as many floats in base64'],
  ['no-time', 'row', '`time` leads nowhere in the row (see `missingTime`)'],
  ['bad-time', 'row', 'the time is no time, or before the year 2000'],
  ['future', 'row', 'the time is further ahead of our clock than `alignment.maxFutureMs`'],
  ['no-asset', 'row', '`asset` leads nowhere in the row'],
  ['asset-name', 'row', 'no name for an asset: empty, `bridge`, over 128 characters, or with "/", "+" or "#"'],
  ['too-many-assets', 'row', "a new asset beyond the bundle's `maxAssets`"],
  ['unknown-signal', 'reading', 'the bundle has no such signal'],
  ['null', 'reading', 'null or NaN: known to be missing'],
  ['not-a-number', 'reading', 'a text, an object or a list where a number should be'],
  ['infinite', 'reading', 'infinite, or beyond what 32-bit floating point can hold'],
  ['late', 'reading', 'older than a frame that is out already'],
  ['duplicate', 'reading', 'same signal and time as a reading before it'],
] as const satisfies readonly (readonly [string, 'message' | 'row' | 'reading', string])[];

export type Rejection = (typeof readingRejections)[number][0];

/** Index of each reason in `readingRejections`, and in the counters. */
export const rejectionIndex = Object.fromEntries(readingRejections.map(([reason], i) => [reason, i])) as Readonly<
  Record<Rejection, number>
>;
