/** Runs in the reader's browser, its source pasted into the page: draws every chart with uPlot. Uses nothing of this file's surroundings. */
import type { Chart } from './chart.js';

interface Plot {
  readonly ctx: Record<string, unknown> & {
    fillRect(x: number, y: number, w: number, h: number): void;
    fillText(text: string, x: number, y: number): void;
    setLineDash(dash: number[]): void;
    beginPath(): void;
    moveTo(x: number, y: number): void;
    lineTo(x: number, y: number): void;
    stroke(): void;
  };
  readonly bbox: { left: number; top: number; width: number; height: number };
  valToPos(value: number, scale: string, canvas: boolean): number;
}

interface Browser {
  readonly document: {
    readonly body: { readonly dataset: Record<string, string> };
    getElementById(id: string): { readonly clientWidth: number; readonly textContent: string } | null;
  };
  readonly uPlot: {
    new (options: unknown, data: unknown, target: unknown): Plot;
    tzDate(date: Date, zone: string): Date;
    readonly paths: { stepped(options: { align: number }): unknown };
  };
}

export function drawInPage(): void {
  const page = globalThis as unknown as Browser;
  const charts = JSON.parse(page.document.getElementById('charts')?.textContent ?? '{}') as Record<string, Chart>;
  let drawn = 0;
  for (const [id, chart] of Object.entries(charts)) {
    const target = page.document.getElementById(id);
    if (target === null) continue;
    const behind = ({ ctx, bbox, valToPos }: Plot, u: Plot): void => {
      for (const span of chart.spans ?? []) {
        const from = valToPos.call(u, span.from, 'x', true);
        ctx.fillStyle = span.color;
        ctx.fillRect(from, bbox.top, valToPos.call(u, span.to, 'x', true) - from, bbox.height);
      }
    };
    const lines = (u: Plot): void => {
      const { ctx, bbox } = u;
      const right = bbox.left + bbox.width;
      ctx.lineWidth = 1.5;
      ctx.setLineDash([5, 4]);
      ctx.font = '12px sans-serif';
      ctx.textAlign = 'right';
      const line = (from: [number, number], to: [number, number], color: string): void => {
        ctx.strokeStyle = color;
        ctx.fillStyle = color;
        ctx.beginPath();
        ctx.moveTo(...from);
        ctx.lineTo(...to);
        ctx.stroke();
      };
      for (const { at, color, text } of chart.marks ?? []) {
        const x = u.valToPos(at, 'x', true);
        line([x, bbox.top], [x, bbox.top + bbox.height], color);
        ctx.fillText(text, x - 5, bbox.top + 14);
      }
      for (const { at, color, text } of chart.levels ?? []) {
        const y = u.valToPos(at, 'y', true);
        line([bbox.left, y], [right, y], color);
        ctx.fillText(text, right - 5, y + 14);
      }
      ctx.setLineDash([]);
    };
    // The level of an alarm must be in sight, even if nothing comes near it.
    const least = Math.max(Number.NEGATIVE_INFINITY, ...(chart.levels ?? []).map(({ at }) => 1.1 * at));
    const room = (_: unknown, low: number, high: number): [number, number] => {
      const margin = (high - low || Math.abs(high) || 1) * 0.06;
      return [low - margin, Math.max(least, high + margin)];
    };
    new page.uPlot(
      {
        width: target.clientWidth,
        height: chart.height ?? 240,
        tzDate: (s: number) => page.uPlot.tzDate(new Date(s * 1000), 'UTC'),
        scales: { x: { time: chart.time === true }, y: chart.log === true ? { distr: 3 } : { range: room } },
        axes: [
          { label: chart.xLabel, labelSize: chart.xLabel === '' ? 0 : 22 },
          { label: chart.yLabel, labelSize: chart.yLabel === '' ? 0 : 22, size: 62 },
        ],
        legend: { live: false },
        hooks: { drawClear: [(u: Plot) => behind(u, u)], draw: [lines] },
        series: [
          {},
          ...chart.series.map(({ label, color, shape, dash }) => ({
            label,
            stroke: color,
            width: 1.3,
            ...(dash === undefined ? {} : { dash }),
            ...(shape === 'steps' ? { paths: page.uPlot.paths.stepped({ align: 1 }), fill: `${color}22` } : {}),
            ...(shape === 'points'
              ? { paths: () => null, points: { show: true, size: 4, fill: color, width: 0 } }
              : { points: { show: false } }),
          })),
        ],
      },
      [chart.x, ...chart.series.map(({ values }) => values)],
      target,
    );
    drawn++;
  }
  page.document.body.dataset.drawn = String(drawn);
}
