/** Requests over MQTT and our answers: one schema a command, strict, so that a slip is refused and not guessed at. */
import { z } from 'zod';
import { alarmTypes, phases } from '../alarm/state.js';
const word = z.string().min(1).max(128);
const common = {
    transaction: word
        .optional()
        .describe('made up by the sender, comes back in the answer. The same transaction again gets the same answer and changes nothing'),
    time: z.iso
        .datetime({ offset: true })
        .optional()
        .describe('when it was asked for; requests from the future or too old are refused'),
    by: word.optional().describe('who asks, for the record'),
    comment: z.string().max(1024).optional(),
};
const alarmTarget = {
    id: word.optional().describe('the alarm; or else:'),
    asset: word.optional(),
    type: z.enum(alarmTypes).optional().describe('default: all alarms of the asset'),
};
const named = (request) => request.id !== undefined ? request.asset === undefined && request.type === undefined : request.asset !== undefined;
const naming = 'needs either `id`, or `asset` with or without `type`';
const alarm = z.strictObject({ ...common, ...alarmTarget }).refine(named, naming);
const shelve = z
    .strictObject({
    ...common,
    ...alarmTarget,
    duration: z.number().positive().max(31_536_000).optional().describe('seconds; or else:'),
    until: z.iso.datetime({ offset: true }).optional(),
})
    .refine(named, naming)
    .refine((request) => (request.duration === undefined) !== (request.until === undefined), 'needs either `duration` or `until`');
const rebaseline = z.strictObject({
    ...common,
    asset: word,
    undo: z.boolean().default(false).describe('true = back to the thresholds before the last one'),
});
/** Commands by their topic below `<base>/bridge/request/`. */
export const requestSchemas = {
    'alarm/ack': alarm,
    'alarm/shelve': shelve,
    'alarm/unshelve': alarm,
    'alarm/out-of-service': alarm,
    'alarm/in-service': alarm,
    'asset/rebaseline': rebaseline,
};
export const requestDescriptions = {
    'alarm/ack': 'Acknowledge: someone has seen it. Ends a latched alarm that is normal again, and one that only waits for this.',
    'alarm/shelve': 'No alerts for a while; ends by itself.',
    'alarm/unshelve': 'Ends the shelving now.',
    'alarm/out-of-service': 'No alerts until it is put in service again.',
    'alarm/in-service': 'Ends `out-of-service`.',
    'asset/rebaseline': 'After maintenance: calibrate the alarm level of an asset anew, by its own severities of the last hours; the model stays. Refused until it has run for an hour, while silenced, and in an alarm that nobody has acknowledged. The level stays between half and four times what the bundle was calibrated with, is kept over restarts, and is taken back by `undo`.',
};
export const alarmResultSchema = z.strictObject({
    alarms: z.array(z.strictObject({
        asset: z.string(),
        type: z.enum(alarmTypes),
        id: z.string().nullable(),
        state: z.enum(phases).describe('after the command'),
    })),
});
export const rebaselineResultSchema = z.strictObject({
    asset: z.string(),
    levels: z
        .array(z.strictObject({
        bundle: z.string(),
        before: z.number().positive().describe('alarm level, in units of the level that the bundle was calibrated with'),
        after: z.number().positive(),
        limited: z.boolean().describe("true = the asset's severities asked for more than the bounds allow"),
        minutes: z.number().nonnegative().describe('of severities that it was calibrated by; 0 = taken back'),
    }))
        .describe('one a bundle that scores the asset'),
});
/** `<base>/bridge/response/<command>`, the shape of zigbee2mqtt. */
export const responseSchema = z.strictObject({
    status: z.enum(['ok', 'error']),
    data: z.record(z.string(), z.unknown()).describe('of alarm commands: `alarms`, each with `asset, type, id, state`'),
    error: z.string().optional().describe('why nothing was changed'),
    transaction: z.string().optional(),
});
