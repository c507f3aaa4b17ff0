import { Wander } from './wander.js';
/** The ranges of normal operation; every regime is visited within minutes, so that normal can be learned from a short recording. */
export const operatingRange = { speed: [0.65, 1], valve: [0.5, 1] };
const dayMs = 86_400_000;
const dwellS = [30, 90];
/** The products of a campaign, from least to most demanding, as shares of the range; each is made once before any comes again. */
const products = [0, 1 / 3, 2 / 3, 1];
/** A drive or actuator: holds a set-point, then ramps to the next product of a shuffled campaign; the machine follows with first-order lag. */
class Actuator {
    random;
    range;
    ratePerS;
    lagS;
    target;
    ramped;
    value;
    dwellS = 0;
    campaign = [];
    constructor(random, range, ratePerS, lagS, dayShift) {
        this.random = random;
        this.range = range;
        this.ratePerS = ratePerS;
        this.lagS = lagS;
        this.target = this.next(dayShift);
        this.ramped = this.target;
        this.value = this.target;
    }
    next(dayShift) {
        if (this.campaign.length === 0)
            this.campaign = this.random.shuffled(products);
        const share = this.campaign.pop() ?? 0;
        // By day the demanding products run longer, by night the others: the same regimes in another mix.
        const stretch = 1 + (dayShift ? share : 1 - share);
        this.dwellS = stretch * this.random.uniform(dwellS[0], dwellS[1]);
        // Operators trim: no two runs of a product are quite the same.
        return this.range[0] + (this.range[1] - this.range[0]) * (share + this.random.uniform(-0.04, 0.04));
    }
    step(dtS, dayShift) {
        if (this.ramped === this.target) {
            this.dwellS -= dtS;
            if (this.dwellS <= 0)
                this.target = this.next(dayShift);
        }
        const step = this.ratePerS * dtS;
        this.ramped += Math.max(-step, Math.min(step, this.target - this.ramped));
        this.value += (this.ramped - this.value) * (1 - Math.exp(-dtS / this.lagS));
        return this.value;
    }
}
/** Speed and valve set-points with random changes, a two-shift pattern (06-22 h UTC) and a daily ambient temperature. */
export class Profile {
    speed;
    valve;
    weather;
    constructor(random, startMs) {
        // A drive ramps over its whole range in about a minute, a motor valve in three quarters of one.
        this.speed = new Actuator(random, operatingRange.speed, 0.006, 6, isDayShift(startMs));
        this.valve = new Actuator(random, operatingRange.valve, 0.012, 4, isDayShift(startMs));
        this.weather = new Wander(random, 900);
    }
    /** Advances by `dtS` to `timeMs`. */
    step(dtS, timeMs) {
        const dayShift = isDayShift(timeMs);
        const hour = ((timeMs % dayMs) / dayMs) * 24;
        return {
            speed: this.speed.step(dtS, dayShift),
            valve: this.valve.step(dtS, dayShift),
            ambientC: 22 + 2.5 * Math.sin((2 * Math.PI * (hour - 9)) / 24) + 0.3 * this.weather.step(dtS),
        };
    }
}
function isDayShift(timeMs) {
    const hour = ((timeMs % dayMs) / dayMs) * 24;
    return hour >= 6 && hour < 22;
}
