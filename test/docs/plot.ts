/** Pictures for the docs: a page with uPlot, photographed by Chromium. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

export interface Series {
  readonly label: string;
  readonly color: string;
  /** One for each time; null = none. */
  readonly values: readonly (number | null)[];
  readonly dash?: readonly number[];
  readonly width?: number;
}

/** A stretch of time in colour, behind the lines. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly color: string;
  readonly text: string;
}

/** A line across time, with a word at its top. */
export interface Mark {
  readonly at: number;
  readonly color: string;
  readonly text: string;
}

export interface Panel {
  readonly title: string;
  readonly height: number;
  /** Seconds since 1970, shown in UTC. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly log?: boolean;
  readonly range?: readonly [number, number];
  readonly spans?: readonly Span[];
  readonly marks?: readonly Mark[];
}

const width = 960;
const require = createRequire(import.meta.url);

/** Draws the panels below one another and writes a PNG. */
export async function drawPlot(file: string, panels: readonly Panel[]): Promise<void> {
  const uplot = path.dirname(require.resolve('uplot/package.json'));
  const html = `<!doctype html><meta charset="utf-8"><style>${readFileSync(path.join(uplot, 'dist/uPlot.min.css'), 'utf8')}
    body { margin: 12px; font-family: "DejaVu Sans", sans-serif; background: #fff; width: ${width}px }
    .u-title { font-size: 15px; text-align: left; padding-left: 60px }
    .u-legend { font-size: 13px; text-align: left; padding-left: 52px }</style>
    <body><script>${readFileSync(path.join(uplot, 'dist/uPlot.iife.min.js'), 'utf8')}</script>
    <script>(${drawInPage.toString()})(${JSON.stringify(panels)}, ${width});</script>`;
  await photograph(html, file, width + 24);
}

/** Lines of a terminal, as they were written. */
export async function drawTerminal(file: string, lines: readonly string[]): Promise<void> {
  const plain = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  const body = lines.map((line) => colorize(plain(line))).join('\n');
  const html = `<!doctype html><meta charset="utf-8"><style>body { margin: 0; background: #14181f; width: 1240px }
    pre { margin: 0; padding: 16px 20px; font: 13px/1.45 "DejaVu Sans Mono", monospace; color: #d6dbe3; white-space: pre-wrap }
    </style><pre>${body}</pre>`;
  await photograph(html, file, 1240);
}

const ansi: Readonly<Record<string, string>> = {
  1: 'font-weight: bold; color: #fff',
  2: 'color: #8791a1',
  31: 'color: #ff7b72',
  32: 'color: #7ee787',
  33: 'color: #f2cc60',
  36: 'color: #79c0ff',
};

function colorize(text: string): string {
  let open = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals colour with them
  const html = text.replace(/\u001b\[([\d;]*)m/g, (_, codes: string) => {
    const style = codes
      .split(';')
      .map((code) => ansi[code] ?? '')
      .filter(Boolean)
      .join('; ');
    if (style === '') {
      const closed = '</span>'.repeat(open);
      open = 0;
      return closed;
    }
    open++;
    return `<span style="${style}">`;
  });
  return html + '</span>'.repeat(open);
}

async function photograph(html: string, file: string, pageWidth: number): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-plot-'));
  const page = path.join(dir, 'page.html');
  writeFileSync(page, html);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run'],
  });
  try {
    const tab = await browser.newPage({ viewport: { width: pageWidth, height: 100 }, deviceScaleFactor: 1.5 });
    const errors: string[] = [];
    tab.on('pageerror', (error) => errors.push(error.message));
    await tab.goto(`file://${page}`);
    if (errors.length > 0) throw new Error(errors.join('\n'));
    await tab.screenshot({ path: file, fullPage: true });
  } finally {
    await browser.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Runs in the browser: plain names of the page only. */
function drawInPage(panels: readonly Panel[], width: number): void {
  // biome-ignore lint/suspicious/noExplicitAny: the browser's own, and uPlot's global
  const page = globalThis as any;
  for (const panel of panels) {
    const hooks = {
      drawClear: [
        // biome-ignore lint/suspicious/noExplicitAny: uPlot's instance
        (u: any) => {
          for (const span of panel.spans ?? []) {
            const [x0, x1] = [u.valToPos(span.from, 'x', true), u.valToPos(span.to, 'x', true)];
            u.ctx.fillStyle = span.color;
            u.ctx.fillRect(x0, u.bbox.top, x1 - x0, u.bbox.height);
            u.ctx.fillStyle = '#555';
            u.ctx.font = '18px "DejaVu Sans"';
            u.ctx.textAlign = 'left';
            u.ctx.fillText(span.text, x0 + 8, u.bbox.top + u.bbox.height * 0.35);
          }
        },
      ],
      draw: [
        // biome-ignore lint/suspicious/noExplicitAny: uPlot's instance
        (u: any) => {
          for (const mark of panel.marks ?? []) {
            const x = u.valToPos(mark.at, 'x', true);
            u.ctx.strokeStyle = mark.color;
            u.ctx.lineWidth = 2;
            u.ctx.setLineDash([]);
            u.ctx.beginPath();
            u.ctx.moveTo(x, u.bbox.top);
            u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
            u.ctx.stroke();
            u.ctx.fillStyle = mark.color;
            u.ctx.font = 'bold 18px "DejaVu Sans"';
            u.ctx.textAlign = 'right';
            u.ctx.fillText(mark.text, x - 8, u.bbox.top + 22);
          }
        },
      ],
    };
    new page.uPlot(
      {
        title: panel.title,
        width,
        height: panel.height,
        tzDate: (s: number) => page.uPlot.tzDate(new Date(s * 1000), 'UTC'),
        scales: {
          y: { ...(panel.log === true ? { distr: 3 } : {}), ...(panel.range ? { range: panel.range } : {}) },
        },
        axes: [{ values: '{HH}:{mm}' }, { size: 60 }],
        legend: { live: false },
        hooks,
        series: [
          {},
          ...panel.series.map(({ label, color, dash, width: line }) => ({
            label,
            stroke: color,
            width: line ?? 1.5,
            points: { show: false },
            ...(dash ? { dash } : {}),
          })),
        ],
      },
      [panel.times, ...panel.series.map(({ values }) => values)],
      page.document.body,
    );
  }
}
