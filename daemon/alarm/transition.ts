/** What goes into a step of an alarm and what comes out of it. */
import { type AlarmState, type Author, type Phase, phaseOf } from './state.js';

/** `timeMs` is event time, `nowMs` the arrival clock. */
export type AlarmInput =
  /** A verdict. `startsAt`: when the deviation behind it began. Frames that know nothing (warm-up, no data) give no input. */
  | {
      readonly kind: 'level';
      readonly timeMs: number;
      readonly nowMs: number;
      readonly severity: number;
      readonly startsAt: number;
    }
  /** Something new belongs to an alarm that is open already, so that an acknowledgement no longer covers it. */
  | { readonly kind: 'widen'; readonly timeMs: number; readonly nowMs: number }
  /** What is suspected behind an open alarm was confirmed or withdrawn. */
  | { readonly kind: 'diagnose'; readonly timeMs: number }
  /** A maintenance window began or ended. */
  | { readonly kind: 'maintenance'; readonly timeMs: number; readonly nowMs: number; readonly on: boolean }
  /** The clock went on: shelves expire, re-alarms fall due. */
  | { readonly kind: 'tick'; readonly nowMs: number }
  | (Author & { readonly kind: 'ack'; readonly nowMs: number })
  | (Author & { readonly kind: 'shelve'; readonly nowMs: number; readonly untilMs: number })
  | (Author & { readonly kind: 'unshelve'; readonly nowMs: number })
  | (Author & { readonly kind: 'out-of-service'; readonly nowMs: number })
  | (Author & { readonly kind: 'in-service'; readonly nowMs: number });

/** How the other alarm that the readings of the same asset can raise stands: one fault may raise both. */
export interface Company {
  /** It is active, not silenced, and people know of it. */
  readonly known: boolean;
  /** It may come from the same fault: it is active, or ended within the flapping window. */
  readonly joint: boolean;
  /** Its `news` of that fault. */
  readonly news: number;
  /** Its returns in a row. */
  readonly returns: number;
  /** Event time since which it is over; null = it is active, or never was. */
  readonly endsAt: number | null;
}

export const alone: Company = { known: false, joint: false, news: 0, returns: 0, endsAt: null };

export type InputOf<K extends AlarmInput['kind']> = Extract<AlarmInput, { kind: K }>;

export const transitionKinds = [
  'pending',
  'dropped',
  'raised',
  'escalated',
  'de-escalated',
  'latched',
  'returned',
  'widened',
  'diagnosed',
  're-alarmed',
  'acknowledged',
  'cleared',
  'shelved',
  'unshelved',
  'suppressed',
  'unsuppressed',
  'out-of-service',
  'in-service',
] as const;
export type TransitionKind = (typeof transitionKinds)[number];

export interface Transition {
  readonly kind: TransitionKind;
  readonly from: Phase;
  readonly to: Phase;
  /** Event time for what the process did, arrival clock for what people and timers did. */
  readonly timeMs: number;
  /** People are told: an alert goes out. */
  readonly alert: boolean;
  readonly by: string | null;
  readonly comment: string | null;
}

export interface Step {
  readonly state: AlarmState;
  readonly transitions: readonly Transition[];
}

export const nobody: Author = { by: null, comment: null };

/** Nothing to tell; timers may differ. */
export function unchanged(state: AlarmState): Step {
  return { state, transitions: [] };
}

export function changed(
  kind: TransitionKind,
  from: AlarmState,
  state: AlarmState,
  timeMs: number,
  alert: boolean,
  { by, comment }: Author = nobody,
): Step {
  return { state, transitions: [{ kind, from: phaseOf(from), to: phaseOf(state), timeMs, alert, by, comment }] };
}
