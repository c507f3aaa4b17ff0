/** `npm run docs:pictures`: draws the pictures in docs/images from real runs. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { dist } from '../fixtures/program.js';
import { drawPlot, drawTerminal } from './plot.js';
import { root, runPage } from './runner.js';
import { hasSkab, readWalk, skab } from './skab.js';

const images = path.join(root, 'docs/images');
mkdirSync(images, { recursive: true });

export async function drawSkab(dir: string): Promise<void> {
  const { times, severity, alerts, label, column } = readWalk(dir);
  const vibration = column('Accelerometer2RMS');
  const spans = [{ ...label, color: '#f4d6d6', text: 'labelled anomaly' }];
  const learned = {
    from: vibration.times[0] ?? 0,
    to: vibration.times[399] ?? 0,
    color: '#e2ecf7',
    text: 'learned from',
  };
  const raised = alerts.filter(({ event }) => event === 'raised');
  const marks = raised.map(({ time }) => ({ at: Date.parse(time) / 1000, color: '#b00020', text: 'alarm' }));
  await drawPlot(path.join(images, 'skab.png'), [
    {
      title: 'Severity (1 = the alarm threshold)',
      height: 300,
      times,
      log: true,
      range: [0.01, 10000],
      series: [
        // A logarithm knows no 0.
        { label: 'severity', color: '#1f4e9c', values: severity.map((value) => Math.max(value, 0.011)) },
        { label: 'threshold', color: '#b00020', dash: [6, 4], values: times.map(() => 1) },
      ],
      spans: [learned, ...spans],
      marks,
    },
    {
      title: 'One of the eight signals: vibration-2 (g)',
      height: 180,
      ...{ times: vibration.times },
      series: [{ label: 'vibration-2', color: '#2a7f4f', values: vibration.values }],
      spans: [learned, ...spans],
      marks: marks.map((mark) => ({ ...mark, text: '' })),
    },
  ]);
}

if (hasSkab) {
  const run = await runPage('docs/skab.md', { SKAB: skab });
  if (run.exitCode !== 0) throw new Error(run.output);
  await drawSkab(run.dir);
} else process.stderr.write('No SKAB (ANOMALYD_SKAB): docs/images/skab.png stays as it is.\n');

// The last page of the demo, as a terminal shows it.
const demo = spawnSync(
  'script',
  [
    '-qec',
    `stty cols 130; '${process.execPath}' '${path.join(dist, 'simulator/demo.js')}' --duration 90s --seed 1`,
    '/dev/null',
  ],
  {
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '1' },
  },
);
const lines = demo.stdout.replaceAll('\r', '').trimEnd().split('\n');
const listening = lines.findIndex((line) => line.includes('The daemon listens'));
const table = lines.findIndex((line) => line.startsWith('asset '));
await drawTerminal(path.join(images, 'demo.png'), [
  ...lines.slice(listening, listening + 24),
  '...',
  '',
  ...lines.slice(table),
]);
