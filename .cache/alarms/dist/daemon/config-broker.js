/** `broker:` in the config: where the MQTT broker is and how to be let in. */
import { z } from 'zod';
const seconds = z.number().positive();
export const brokerSchema = ({ text, fileContent, secret }) => z
    .strictObject({
    url: text()
        .superRefine(checkUrl)
        .describe('mqtt://host:1883, mqtts://host:8883 (TLS), ws:// or wss://; no user and password in it'),
    protocolVersion: z
        .literal([4, 5])
        .default(5)
        .describe('5 = MQTT 5, falling back to 3.1.1 when the broker does not know it; 4 = MQTT 3.1.1'),
    clientId: text().optional().describe('must be unique on the broker; default: anomalyd-<gateway>'),
    username: text().optional(),
    password: secret()
        .optional()
        .describe('{file: path}, {env: NAME}, {credential: name} of systemd, or the text itself'),
    ca: fileContent()
        .optional()
        .describe("PEM file of the authority that signed the broker's certificate; default: the well-known ones"),
    cert: fileContent().optional().describe('PEM file of our own certificate, for brokers that ask for one (mTLS)'),
    key: fileContent().optional().describe('PEM file of its private key'),
    servername: text().optional().describe("name in the broker's certificate, where it is not the host of `url`"),
    keepaliveS: z.int().min(0).max(65_535).default(30).describe('silence after which a ping is sent; 0 = never'),
    connectTimeoutS: seconds.default(10).describe('patience with one attempt to connect'),
    retryMaxS: seconds.default(30).describe('longest pause between two attempts; the first is 1 s and each doubles'),
    cleanStart: z
        .boolean()
        .default(false)
        .describe('true = forget at every start what the broker kept for us while we were away'),
    sessionExpiryS: z
        .int()
        .min(0)
        .max(0xffffffff)
        .default(3600)
        .describe('how long the broker keeps QoS 1 messages for us while we are away (MQTT 5)'),
})
    .superRefine((broker, check) => {
    const missing = (key, message) => check.addIssue({ code: 'custom', path: [key], message });
    if (broker.cert !== undefined && broker.key === undefined)
        missing('cert', 'needs `key` beside it');
    if (broker.key !== undefined && broker.cert === undefined)
        missing('key', 'needs `cert` beside it');
    if (broker.password !== undefined && broker.username === undefined)
        missing('password', 'needs `username` beside it');
    if (!/^(mqtts|wss):/.test(broker.url))
        for (const key of ['ca', 'cert', 'key', 'servername'])
            if (broker[key] !== undefined)
                missing(key, 'is of no use without TLS: `url` must start with mqtts:// or wss://');
});
function checkUrl(raw, check) {
    if (raw === '')
        return;
    const say = (message) => check.addIssue({ code: 'custom', message });
    const url = URL.canParse(raw) ? new URL(raw) : undefined;
    if (url === undefined || url.hostname === '') {
        say('is no URL; it looks like mqtt://host:1883');
    }
    else if (!['mqtt:', 'mqtts:', 'ws:', 'wss:'].includes(url.protocol)) {
        say(`can't speak ${url.protocol}//; use mqtt://, mqtts://, ws:// or wss://`);
    }
    else if (url.username !== '' || url.password !== '') {
        say('must hold no user and password; use `username` and `password`');
    }
}
/** True when a connection made by one config serves the other, so that a reload need not reconnect. */
export function sameBroker(a, b) {
    const secrets = ['password', 'ca', 'cert', 'key'];
    const same = secrets.every((key) => a[key]?.equals(b[key]) ?? b[key] === undefined);
    return same && JSON.stringify(a) === JSON.stringify(b);
}
//# sourceMappingURL=config-broker.js.map