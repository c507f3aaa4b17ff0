/** Share of the watchdog's time after which a stage that owes work and finishes none counts as stuck. */
const patience = 0.5;
/** Pings in one watchdog period; sd_watchdog_enabled(3) asks for two at least. */
const pingsPerPeriod = 4;
/**
 * Watches the stages from the main loop's own timer (a blocked loop pings nobody). `check` may be called by hand in tests.
 * Without a watchdog (`notifier.watchdogMs` undefined) it does nothing.
 */
export class Watchdog {
    notifier;
    clock;
    stages;
    onStuck;
    #seen;
    #timer;
    #stuck = '';
    constructor(notifier, clock, stages, 
    /** Told once for each time that a stage gets stuck. */
    onStuck = () => { }) {
        this.notifier = notifier;
        this.clock = clock;
        this.stages = stages;
        this.onStuck = onStuck;
        const atMs = clock.monotonic();
        this.#seen = stages.map((stage) => ({ done: stage.done(), atMs }));
    }
    start() {
        const { watchdogMs } = this.notifier;
        if (watchdogMs === undefined || this.#timer !== undefined)
            return;
        this.#timer = setInterval(() => this.check(), watchdogMs / pingsPerPeriod).unref();
        this.check();
    }
    stop() {
        clearInterval(this.#timer);
        this.#timer = undefined;
    }
    /** Pings, or names the stage that is stuck in the status line and leaves the ping out. */
    check() {
        const { watchdogMs } = this.notifier;
        if (watchdogMs === undefined)
            return;
        const nowMs = this.clock.monotonic();
        let stuck = '';
        let forMs = 0;
        this.stages.forEach((stage, i) => {
            const seen = this.#seen[i];
            if (seen === undefined)
                return;
            const done = stage.done();
            if (done !== seen.done || done >= stage.due()) {
                seen.done = done;
                seen.atMs = nowMs;
            }
            else if (nowMs - seen.atMs > watchdogMs * patience) {
                stuck = stage.name;
                forMs = nowMs - seen.atMs;
            }
        });
        if (stuck === '')
            this.notifier.alive();
        else if (stuck !== this.#stuck) {
            this.notifier.status(`stuck: ${stuck} has work and finishes none`);
            this.onStuck(stuck, forMs);
        }
        this.#stuck = stuck;
    }
}
