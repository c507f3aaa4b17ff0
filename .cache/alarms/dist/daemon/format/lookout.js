/** Alerts in the fields of AWS Lookout for Equipment, for those who must leave it. */
import { z } from 'zod';
export const lookoutSchema = z.strictObject({
    timestamp: z.string().describe('UTC without a zone: 2026-03-01T14:02:10.000000'),
    prediction: z.literal([0, 1]).describe('1 = the machine deviates'),
    prediction_reason: z.enum(['ANOMALY_DETECTED', 'NO_ANOMALY_DETECTED', 'MACHINE_OFF']),
    anomaly_score: z.number().min(0).max(1).describe('severity s as s / (1 + s): 0.5 is the threshold'),
    diagnostics: z.array(z.strictObject({ name: z.string().describe('asset\\signal'), value: z.number() })),
});
export function lookoutEvent(event) {
    const active = event.state === 'active' || event.state === 'acknowledged';
    const score = event.score ?? 0;
    return {
        timestamp: event.time.replace(/(\.\d{3})Z$/, '$1000'),
        prediction: active ? 1 : 0,
        prediction_reason: event.mode === 'no-data' ? 'MACHINE_OFF' : active ? 'ANOMALY_DETECTED' : 'NO_ANOMALY_DETECTED',
        anomaly_score: score / (1 + score),
        diagnostics: event.diagnostics.map(({ signal, contribution }) => ({
            name: `${event.asset}\\${signal}`,
            value: contribution,
        })),
    };
}
//# sourceMappingURL=lookout.js.map