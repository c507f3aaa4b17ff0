/** Everything we say over MQTT, in one table: topics, delivery, schemas. The MQTT reference, its JSON Schemas and the tests are made from it. */
import { z } from 'zod';
import { alertmanagerSchema } from '../format/alertmanager.js';
import { lookoutSchema } from '../format/lookout.js';
import { alarmSchema, eventSchema } from './alarm.js';
import { availabilitySchema, healthSchema, scoreSchema } from './bridge.js';
import { alarmResultSchema, rebaselineResultSchema, requestDescriptions, requestSchemas, responseSchema, } from './request.js';
const out = { direction: 'out', qos: 1 };
export const messageKinds = [
    {
        ...out,
        name: 'bridge-state',
        topic: '<base>/bridge/state',
        retained: true,
        description: 'Whether we are there. `offline` is also our last will.',
        schema: availabilitySchema,
    },
    {
        ...out,
        name: 'bridge-health',
        topic: '<base>/bridge/health',
        retained: true,
        description: 'How we are, every ten minutes; the shape of zigbee2mqtt.',
        schema: healthSchema,
    },
    {
        ...out,
        name: 'availability',
        topic: '<base>/<asset>/availability',
        retained: true,
        description: 'Whether the asset is heard of.',
        schema: availabilitySchema,
    },
    {
        ...out,
        name: 'alarm',
        topic: '<base>/<asset>/alarm/<type>',
        retained: true,
        description: 'The state of an alarm. Empty when all is normal, and, where acknowledgement is required, acknowledged. `<asset>` is `bridge` for `data-stale` of the whole gateway: then nothing comes in from any asset.',
        schema: alarmSchema,
    },
    {
        ...out,
        name: 'event',
        topic: '<base>/<asset>/event',
        retained: false,
        description: 'The alert that a change of an alarm sends. At least once, in order; `seq` tells repetitions and losses.',
        schema: eventSchema,
    },
    {
        ...out,
        name: 'event-lookout',
        topic: '<base>/<asset>/event',
        retained: false,
        description: 'The same with `publish.format: lookout`, for those who come from AWS Lookout for Equipment.',
        schema: lookoutSchema,
    },
    {
        ...out,
        name: 'score',
        topic: '<base>/<asset>/score',
        qos: 0,
        retained: false,
        description: 'The verdict on each frame, with `publish.scores: true`.',
        schema: scoreSchema,
    },
    ...Object.entries(requestSchemas).map(([command, schema]) => ({
        name: `request-${command.replaceAll('/', '-')}`,
        topic: `<base>/bridge/request/${command}`,
        qos: 1,
        retained: false,
        direction: 'in',
        description: isCommand(command) ? requestDescriptions[command] : '',
        schema,
    })),
    {
        ...out,
        name: 'response',
        topic: '<base>/bridge/response/<command>',
        retained: false,
        description: 'The answer to a request. `error` says why nothing was changed.',
        schema: responseSchema,
    },
    {
        ...out,
        name: 'response-alarm',
        topic: '<base>/bridge/response/alarm/<command>',
        retained: false,
        description: '`data` of the answer to an alarm command.',
        schema: alarmResultSchema,
    },
    {
        ...out,
        name: 'response-rebaseline',
        topic: '<base>/bridge/response/asset/rebaseline',
        retained: false,
        description: '`data` of the answer to `asset/rebaseline`.',
        schema: rebaselineResultSchema,
    },
    {
        ...out,
        name: 'alertmanager',
        topic: 'POST <url>/api/v2/alerts',
        qos: '-',
        retained: false,
        description: 'One alert of the array that is pushed to Alertmanager, when `publish.alertmanager.url` is set.',
        schema: alertmanagerSchema,
    },
];
function isCommand(command) {
    return Object.hasOwn(requestDescriptions, command);
}
/** JSON Schema (draft 2020-12) of a message. Requests as they may be written, all others as they come out. */
export function jsonSchema({ schema, direction, description, topic }) {
    const made = z.toJSONSchema(schema, { io: direction === 'in' ? 'input' : 'output' });
    return { title: topic, description, ...made };
}
//# sourceMappingURL=reference.js.map