/** When to send what the simulation delivers: simulated time mapped to real time. */
/** `speed` simulated seconds a real second, from `fromMs` on. */
export function constantPace(fromMs, speed) {
    return (deliveryMs) => (deliveryMs - fromMs) / speed;
}
/** `speed` times real time up to `untilMs`, then real time. */
export function acceleratedUntil(fromMs, speed, untilMs) {
    return (deliveryMs) => deliveryMs <= untilMs ? (deliveryMs - fromMs) / speed : (untilMs - fromMs) / speed + (deliveryMs - untilMs);
}
//# sourceMappingURL=pace.js.map