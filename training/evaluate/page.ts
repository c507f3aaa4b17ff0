/** An evaluation as one HTML file without anything from elsewhere: tables, and for each file what was measured, its severity and its labels. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { benchmarks } from './benchmarks.js';
import type { Evaluation, FileResult } from './evaluate.js';
import { methods } from './evaluate.js';
import { choiceRows, columns, methodTitles, nabRows, tepRows } from './report.js';
import { labelsOf, type Summary } from './summary.js';

/** Points of a chart; longer series keep the extremes of each bin. */
const mostPoints = 1200;
/** Severity is drawn up to this. */
const mostSeverity = 5;

export async function pageOf(evaluation: Evaluation): Promise<string> {
  const resolve = createRequire(import.meta.url).resolve;
  const script = await readFile(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  const style = await readFile(resolve('uplot/dist/uPlot.min.css'), 'utf8');
  const { title, vusBuffer } = benchmarks[evaluation.set];
  const charts = evaluation.perFile.map(chartOf);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} - anomalyd</title>
<style>${style}${pageStyle}</style>
<h1>${escapeHtml(title)}</h1>
<p>${evaluation.files} files. Learned from each file's normal rows alone, threshold by the alarm budget, each verdict from what came before it, through the daemon's own path.
VUS-PR with a buffer of ${vusBuffer} rows. An event counts as found where an alarm begins inside it.</p>
${tableOf(
  ['method', ...columns.map(([name]) => name)],
  methods.map((method) => [methodTitles[method], ...cells(evaluation.summary[method])]),
)}
${nabTable(evaluation)}
${tepTable(evaluation)}
${choiceTable(evaluation)}
<h2>Files</h2>
${tableOf(
  ['file', 'rows', ...columns.map(([name]) => name)],
  evaluation.perFile.map(({ file, rows, measures }) => [file, String(rows), ...cells(measures.anomalyd)]),
)}
<h2>Severity</h2>
<p>1 is the alarm threshold; shaded: labelled as anomalous; red: alarm.</p>
<div id="charts"></div>
<script>${script}</script>
<script>const charts = ${JSON.stringify(charts).replaceAll('<', '\\u003c')};
${drawing}</script>
</html>
`;
}

const cells = (summary: Summary): string[] => columns.map(([, cell]) => cell(summary));

function tableOf(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (tag: 'td' | 'th', texts: readonly string[]) =>
    `<tr>${texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table><thead>${row('th', header)}</thead><tbody>${rows.map((texts) => row('td', texts)).join('')}</tbody></table></div>`;
}

function tepTable({ tep }: Evaluation): string {
  if (tep === undefined) return '';
  const [header = [], ...rows] = tepRows(tep);
  return tableOf(header, rows);
}

function choiceTable({ choice }: Evaluation): string {
  if (choice === undefined) return '';
  const [header = [], ...rows] = choiceRows(choice);
  return `<h2>Choice of the chain</h2>
<p>Faults put into normal rows; no label was looked at. Merit is what the set is judged by.</p>
${tableOf(header, rows)}`;
}

function nabTable({ nab }: Evaluation): string {
  if (nab === undefined) return '';
  const [header = [], ...rows] = nabRows(nab);
  return `<p>News: a row counts only where it is stranger than all of the day before it.</p>
${tableOf(header, rows)}`;
}

/** Severity in bins, the largest of each, with its row; labels and alarms where any row of the bin has one. */
function chartOf({ file, series, verdicts: { scores, alarms } }: FileResult) {
  const labels = labelsOf(series);
  const bin = Math.max(1, Math.ceil(scores.length / mostPoints));
  const x: number[] = [];
  const severity: number[] = [];
  const alarm: (number | null)[] = [];
  const label: number[] = [];
  for (let from = 0; from < scores.length; from += bin) {
    const to = Math.min(scores.length, from + bin);
    x.push(from);
    const largest = Math.min(mostSeverity, Math.max(...scores.subarray(from, to)));
    severity.push(Number(largest.toFixed(3)));
    alarm.push(alarms.subarray(from, to).includes(1) ? Math.max(1, Number(largest.toFixed(3))) : null);
    label.push(labels.subarray(from, to).includes(1) ? 1 : 0);
  }
  return { file, x, severity, alarm, label };
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const pageStyle = `
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1rem 0}
th,td{padding:.25rem .75rem;text-align:right;border-bottom:1px solid #d8dee4;white-space:nowrap}th:first-child,td:first-child{text-align:left}
#charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(22rem,1fr));gap:1rem}.u-title{font-size:.9rem;font-weight:600}
`;

const drawing = `
for (const { file, x, severity, alarm, label } of charts) {
  const host = document.getElementById('charts').appendChild(document.createElement('div'));
  const shade = (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.fillStyle = 'rgba(210,153,34,.22)';
    let from = -1;
    for (let i = 0; i <= label.length; i++) {
      const on = label[i] === 1;
      if (on && from < 0) from = i;
      if (on || from < 0) continue;
      const a = u.valToPos(x[from], 'x', true), b = u.valToPos(x[Math.min(i, x.length - 1)], 'x', true);
      ctx.fillRect(a, bbox.top, Math.max(1, b - a), bbox.height);
      from = -1;
    }
    ctx.strokeStyle = '#57606a';
    ctx.setLineDash([4, 4]);
    const y = u.valToPos(1, 'y', true);
    ctx.beginPath(); ctx.moveTo(bbox.left, y); ctx.lineTo(bbox.left + bbox.width, y); ctx.stroke();
    ctx.restore();
  };
  new uPlot({
    title: file, width: host.clientWidth, height: 170, legend: { show: false },
    scales: { x: { time: false }, y: { range: [0, ${mostSeverity}] } },
    axes: [{}, { size: 32 }],
    series: [{}, { stroke: '#0969da', width: 1 }, { stroke: '#cf222e', width: 2, points: { show: false } }],
    hooks: { drawClear: [shade] },
  }, [x, severity, alarm], host);
}
`;
