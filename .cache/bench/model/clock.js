/** The only file that reads the clock: everything else is handed a `Clock`. */
/** `monotonic` is the kernel's CLOCK_MONOTONIC, so that it can be compared with what other programs say of theirs (systemd). */
export const systemClock = {
    now: () => Date.now(),
    monotonic: () => Number(process.hrtime.bigint()) / 1e6,
};
/** A clock that stands still until it is told, for replay and tests. */
export class ManualClock {
    timeMs;
    constructor(timeMs = 0) {
        this.timeMs = timeMs;
    }
    now() {
        return this.timeMs;
    }
    monotonic() {
        return this.timeMs;
    }
    set(timeMs) {
        this.timeMs = timeMs;
    }
    advance(ms) {
        this.timeMs += ms;
    }
}
