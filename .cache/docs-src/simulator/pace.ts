/** When to send what the simulation delivers: simulated time mapped to real time. */

/** Real milliseconds after the start of sending at which a message that arrives at `deliveryMs` is due. */
export type Pace = (deliveryMs: number) => number;

/** `speed` simulated seconds a real second, from `fromMs` on. */
export function constantPace(fromMs: number, speed: number): Pace {
  return (deliveryMs) => (deliveryMs - fromMs) / speed;
}

/** `speed` times real time up to `untilMs`, then real time. */
export function acceleratedUntil(fromMs: number, speed: number, untilMs: number): Pace {
  return (deliveryMs) =>
    deliveryMs <= untilMs ? (deliveryMs - fromMs) / speed : (untilMs - fromMs) / speed + (deliveryMs - untilMs);
}
