/** What a dashboard says of itself, and the expressions that all of them speak in. */
import type { PanelSpec } from './panels.js';

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Variable -> the query of its values, and whether all or several may be chosen. */
  readonly variables: Readonly<Record<string, { readonly query: string; readonly many: boolean }>>;
  /** Marks in all panels: where the expression has a value. */
  readonly marks?: { readonly name: string; readonly expr: string; readonly text: string };
  readonly panels: readonly PanelSpec[];
}

/** The variable that chooses gateways. */
export const gateway = { instance: { query: 'label_values(anomalyd_build_info, instance)', many: true } };
/** Matchers of the chosen gateways. */
export const at = 'instance=~"$instance"';

export const perSecond = (counter: string, by = '') =>
  `sum${by === '' ? '' : ` by (${by}) `}(rate(${counter}{${at}}[$__rate_interval]))`;

export const percentile = (q: number, histogram: string) =>
  `histogram_quantile(${q}, sum by (le) (rate(${histogram}_bucket{${at}}[$__rate_interval])))`;
