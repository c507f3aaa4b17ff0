/** `npm run docs:grafana`: writes the dashboards as Grafana reads them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFiles } from './dashboards.js';

for (const [name, text] of dashboardFiles())
  writeFileSync(join(process.argv[2] ?? 'deploy/grafana/dashboards', name), text);
