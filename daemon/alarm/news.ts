/** How much may be told of one fault between its beginning and its end, so that people go on reading it (docs/alarm-rules.md, 17). */
import { type AlarmState, bands } from './state.js';
import type { Company } from './transition.js';

type Counted = Pick<AlarmState, 'news' | 'told'>;

/** Between the beginnings and the ends of a fault there are at most so many alerts, */
const mostNews = 2;
/** of which one is kept for the highest band until that was told. That is told in any case. */
const highest = bands.length - 1;

/** Alerts in between that are used up or kept, once an alarm has told of `band`. */
function spent({ news, told }: Counted, band: number, company: Company): number {
  return news + company.news + (Math.max(told, band) < highest ? 1 : 0);
}

/** Whether there is an alert left for news of an alarm that is at, or reaches, `band`. */
export function isNews(counted: Counted, band: number, company: Company): boolean {
  return (band === highest && counted.told < highest) || spent(counted, band, company) < mostNews;
}

/**
 * Whether there is one left for a reminder. A fault that has not come back yet may have one more: then it stays like one that has (`isSpent`), and what
 * its return and second end would have told is saved.
 */
export function mayRemind(state: AlarmState, company: Company): boolean {
  const cameBack = state.returns > 0 || (company.joint && (company.returns > 0 || company.endsAt !== null));
  return spent(state, state.told, company) < mostNews + (cameBack ? 0 : 1);
}

/** Whether a return would tell more than a fault may. One that raised both alarms has fewer: each of them would tell of its return. */
export function isSpent(state: AlarmState, company: Company): boolean {
  return spent(state, state.told, company) > mostNews || (company.joint && state.news + company.news >= mostNews);
}
