/** The report as one HTML page that needs nothing but itself: uPlot, its style and the data are inside. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Cell, Chart, Section, Table } from './chart.js';
import { drawInPage } from './draw.js';

const style = `
body { margin: 0 auto; max-width: 980px; padding: 16px 20px 60px; font: 15px/1.5 "DejaVu Sans", system-ui, sans-serif; color: #1d2230; background: #fff }
h1 { font-size: 26px; margin: 12px 0 4px } h2 { font-size: 20px; margin: 40px 0 6px; border-bottom: 1px solid #d9dde5 }
h3 { font-size: 14px; margin: 18px 0 0 } nav a { margin-right: 14px; color: #0072b2 }
p { max-width: 80ch } table { border-collapse: collapse; margin: 10px 0; font-size: 13px } .wide { overflow-x: auto }
th, td { padding: 3px 10px; border: 1px solid #d9dde5; text-align: left; font-variant-numeric: tabular-nums } .number { text-align: right } th { background: #f3f5f8 }
.chart { width: 100% }
.u-legend { text-align: left; font-size: 12px }`;

export async function pageOf(title: string, subtitle: string, sections: readonly Section[]): Promise<string> {
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  const [script, sheet] = await Promise.all([
    readFile(join(uplot, 'dist/uPlot.iife.min.js'), 'utf8'),
    readFile(join(uplot, 'dist/uPlot.min.css'), 'utf8'),
  ]);
  const charts: Record<string, Chart> = {};
  const body = sections.map((section) => {
    const drawings = (section.charts ?? []).map((chart, i) => {
      const id = `${section.id}-${i}`;
      charts[id] = chart;
      return `<h3>${escapeHtml(chart.title)}</h3><div class="chart" id="${id}"></div>`;
    });
    return [
      `<section><h2 id="${section.id}">${escapeHtml(section.title)}</h2>`,
      ...section.text.map((text) => `<p>${escapeHtml(text)}</p>`),
      ...(section.tables ?? []).map(tableHtml),
      ...drawings,
      '</section>',
    ].join('\n');
  });
  // In a script element only "</" could end it early.
  const data = JSON.stringify(charts).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>${escapeHtml(title)}</title><style>${sheet}${style}</style></head>
<body><h1>${escapeHtml(title)}</h1><p>${escapeHtml(subtitle)}</p>
<nav>${sections.map(({ id, title: name }) => `<a href="#${id}">${escapeHtml(name)}</a>`).join('')}</nav>
${body.join('\n')}
<script id="charts" type="application/json">${data}</script>
<script>${script}</script><script>(${drawInPage.toString()})();</script>
</body></html>
`;
}

function tableHtml({ header, rows }: Table): string {
  const isNumber = header.map((_, i) =>
    rows.every((row) => typeof row[i] === 'string' && /^-?[\d.]+( %)?$/.test(row[i])),
  );
  const side = (i: number) => (isNumber[i] && rows.length > 0 ? ' class="number"' : '');
  const cell = (one: Cell, i: number): string => {
    if (typeof one === 'string') return `<td${side(i)}>${escapeHtml(one)}</td>`;
    // From red to green, light enough to read on.
    return `<td style="background: hsl(${Math.round(110 * one.share)} 70% 86%)">${escapeHtml(one.text)}</td>`;
  };
  const head = header.map((text, i) => `<th${side(i)}>${escapeHtml(text)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
