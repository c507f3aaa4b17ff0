/** The dashboards as Grafana reads them, put together from what their specs say. */
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardLinkBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { asset } from './asset.js';
import { daemon } from './daemon.js';
import { fleet } from './fleet.js';
import { datasource, panelOf } from './panels.js';
import type { DashboardSpec } from './spec.js';

function dashboardOf(spec: DashboardSpec): Dashboard {
  const board = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags(['anomalyd'])
    .timezone('browser')
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .readonly()
    .link(
      new DashboardLinkBuilder('anomalyd')
        .type('dashboards' as never)
        .tags(['anomalyd'])
        .asDropdown(true)
        .keepTime(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  for (const [name, { query, many }] of Object.entries(spec.variables))
    board.withVariable(
      new QueryVariableBuilder(name)
        .datasource(datasource)
        .query({ query, refId: name })
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(many)
        .includeAll(many),
    );
  if (spec.marks !== undefined)
    board.annotation(
      new AnnotationQueryBuilder()
        .name(spec.marks.name)
        .datasource(datasource)
        .expr(spec.marks.expr)
        .titleFormat(spec.marks.text)
        .iconColor('red')
        .enable(true),
    );
  let [x, y, rowHeight] = [0, 0, 0];
  for (const [i, panel] of spec.panels.entries()) {
    if (x + panel.width > 24) [x, y, rowHeight] = [0, y + rowHeight, 0];
    board.withPanel(panelOf(panel, i + 1, { x, y }));
    x += panel.width;
    rowHeight = Math.max(rowHeight, panel.height ?? 8);
  }
  return board.build();
}

/** File name -> text, as `deploy/grafana/dashboards` holds them. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  const named = { fleet, asset, daemon };
  return new Map(
    Object.entries(named).map(([name, spec]) => [
      `${name}.json`,
      `${JSON.stringify(dashboardOf(spec), undefined, 2)}\n`,
    ]),
  );
}

/** Every expression of every panel and mark, by dashboard and title. */
export function expressions(): { readonly where: string; readonly expr: string }[] {
  return [fleet, asset, daemon].flatMap(({ uid, panels, marks }) => [
    ...panels.flatMap(({ title, queries }) =>
      Object.keys(queries).map((expr) => ({ where: `${uid}: ${title}`, expr })),
    ),
    ...(marks === undefined ? [] : [{ where: `${uid}: mark ${marks.name}`, expr: marks.expr }]),
  ]);
}
