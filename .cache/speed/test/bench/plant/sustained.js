/** The search for the highest rate that a subscriber sustains: open loop, nothing dropped, nothing left behind at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
/** Backlog at the end that is no more than the pipeline's own delay, and how late the machines may be before they count as held up. */
const maxLagMs = 400;
const maxLate = 1.05;
const stepUp = 1.25;
const precision = 1.03;
/** Each rate has two tries, so that one hiccup of the machine does not decide. */
export async function findRate(start, { seconds, guess, fixed }) {
    const trial = await start();
    try {
        // Compiled code and full windows first.
        for (let i = 0; i < 2; i++)
            await trial.burst(guess / 2, 1);
        let best = { rate: 0, dropped: 0, cpu: 0, rssMb: 0 };
        let low = 0;
        let high = Number.POSITIVE_INFINITY;
        for (let rate = guess; high / Math.max(low, 1) > precision; rate = next(low, high)) {
            const result = (await attempt(trial, rate, seconds)) ?? (await attempt(trial, rate, seconds));
            if (result === undefined)
                high = rate;
            else {
                low = rate;
                best = { ...result, rate: (result.packets * 1000) / result.elapsedMs };
            }
            if (fixed)
                break;
        }
        return best;
    }
    finally {
        await trial.stop();
    }
}
function next(low, high) {
    if (low === 0)
        return high / stepUp;
    return high === Number.POSITIVE_INFINITY ? low * stepUp : Math.sqrt(low * high);
}
async function attempt(trial, rate, seconds) {
    const result = await trial.burst(rate, seconds);
    const late = (result.elapsedMs * rate) / (1000 * result.packets);
    const sustained = result.lagMs <= maxLagMs && late <= maxLate && result.dropped === 0;
    if (process.env.BENCH_VERBOSE === '1') {
        const { lagMs, dropped, cpu, rssMb } = result;
        console.error({ rate: Math.round(rate), late, lagMs: Math.round(lagMs), dropped, cpu, rssMb, sustained });
    }
    await sleep(200);
    return sustained ? result : undefined;
}
