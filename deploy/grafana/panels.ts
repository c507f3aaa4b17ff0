/** Panels as a table says them: a kind, a size, what is asked of Prometheus, and in which unit it comes. */
import { DashboardLinkBuilder, type ThresholdsConfig, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Heatmap } from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';

const kinds = { lines: TimeSeries, stat: Stat, states: StateTimeline, heatmap: Heatmap } as const;

export interface PanelSpec {
  readonly kind: keyof typeof kinds;
  readonly title: string;
  readonly description: string;
  /** Expression -> legend. `rate` ranges are `$__rate_interval`. */
  readonly queries: Readonly<Record<string, string>>;
  /** Of Grafana: https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit */
  readonly unit?: string;
  /** Of 24. */
  readonly width: number;
  readonly height?: number;
  /** Values from which a colour holds. */
  readonly steps?: Readonly<Record<string, number>>;
  /** Once for each value of this variable. */
  readonly repeat?: string;
  /** Where a click on a series leads. */
  readonly link?: { readonly title: string; readonly url: string };
}

export const datasource = { type: 'prometheus', uid: `\${datasource}` };

/** Severity: 1 is the threshold; `high` and `critical` as alarms have them by default. */
export const severitySteps = { yellow: 1, orange: 2, red: 4 };

const thresholds = (steps: Readonly<Record<string, number>>): { build(): ThresholdsConfig } => ({
  build: () => ({
    mode: ThresholdsMode.Absolute,
    // Grafana wants the lowest step without a value.
    steps: [
      { value: null as unknown as number, color: 'green' },
      ...Object.entries(steps).map(([color, value]) => ({ value, color })),
    ],
  }),
});

export function panelOf(spec: PanelSpec, id: number, at: { x: number; y: number }) {
  const panel = new kinds[spec.kind]()
    .id(id)
    .title(spec.title)
    .description(spec.description)
    .datasource(datasource)
    .gridPos({ ...at, w: spec.width, h: spec.height ?? 8 })
    .unit(spec.unit ?? 'short')
    .targets(
      Object.entries(spec.queries).map(([expr, legend], i) => {
        const query = new DataqueryBuilder()
          .refId(String.fromCharCode(65 + i))
          .datasource(datasource)
          .expr(expr)
          .legendFormat(legend);
        return spec.kind === 'stat' ? query.instant() : query.range();
      }),
    );
  if (spec.steps !== undefined) panel.thresholds(thresholds(spec.steps));
  if (spec.repeat !== undefined) panel.repeat(spec.repeat).repeatDirection('h').maxPerRow(2);
  if (spec.link !== undefined) panel.dataLinks([new DashboardLinkBuilder(spec.link.title).url(spec.link.url)]);
  return panel;
}
