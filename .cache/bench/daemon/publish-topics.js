export class Topics {
    base;
    constructor(base) {
        this.base = base;
    }
    get state() {
        return `${this.base}/bridge/state`;
    }
    get health() {
        return `${this.base}/bridge/health`;
    }
    /** Filters of what is addressed to us: requests, and our own retained alarms, to find those that are no more. */
    get filters() {
        return [`${this.base}/bridge/request/#`, `${this.base}/+/alarm/+`];
    }
    response(command) {
        return `${this.base}/bridge/response/${command}`;
    }
    alarm(asset, type) {
        return `${this.base}/${asset}/alarm/${type}`;
    }
    event(asset) {
        return `${this.base}/${asset}/event`;
    }
    score(asset) {
        return `${this.base}/${asset}/score`;
    }
    availability(asset) {
        return `${this.base}/${asset}/availability`;
    }
    /** The command of a request topic; undefined for any other topic. */
    commandOf(topic) {
        const prefix = `${this.base}/bridge/request/`;
        return topic.startsWith(prefix) ? topic.slice(prefix.length) : undefined;
    }
    /** True for the topic of an alarm, ours or one that we have forgotten. */
    isAlarm(topic) {
        const rest = topic.startsWith(`${this.base}/`) ? topic.slice(this.base.length + 1).split('/') : [];
        return rest.length === 3 && rest[1] === 'alarm';
    }
}
