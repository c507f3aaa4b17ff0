import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addConfusion, confusionOf, rates } from '../../../training/measures/confusion.js';
import { countEvents, poolEvents } from '../../../training/measures/events.js';
import { NabCorpus, nabProfiles } from '../../../training/measures/nab.js';
import { runsOf } from '../../../training/measures/runs.js';
import { aucPr, vusPr } from '../../../training/measures/vus.js';

const scorers = resolve('../shared/scorers');
const reference = existsSync(scorers) ? it : it.skip;

/** Deterministic noise (mulberry32), so that both sides score the same rows. */
function noise(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Case {
  labels: number[];
  scores: number[];
  verdicts: number[];
}

function randomCase(seed: number, n = 1500): Case {
  const random = noise(seed);
  const labels = new Array<number>(n).fill(0);
  for (let k = 0; k < 4; k++) {
    const start = Math.floor(random() * (n - 120)) + 1;
    labels.fill(1, start, start + 10 + Math.floor(random() * 90));
  }
  // rounded: ties must be handled alike
  const scores = labels.map((y) => Math.round((random() + 0.4 * y * random()) * 50) / 50);
  return { labels, scores, verdicts: scores.map((s) => (s > 0.93 ? 1 : 0)) };
}

function python(code: string, cases: Case[]): unknown {
  const file = join(mkdtempSync(join(tmpdir(), 'measures-')), 'cases.json');
  writeFileSync(file, JSON.stringify(cases));
  const prologue = `import sys, json, numpy as np; sys.path.insert(0, ${JSON.stringify(scorers)}); cases = json.load(open(${JSON.stringify(file)}))\n`;
  return JSON.parse(execFileSync('python3', ['-c', prologue + code], { encoding: 'utf8' }));
}

describe('measures agree with independent scorers to 6 decimals', () => {
  const cases = [1, 2, 3, 4, 5].map((seed) => randomCase(seed));

  reference('VUS-PR and AUC-PR (needs the reference scorers beside the checkout)', () => {
    const theirs = python(
      'import vus_pr as v; print(json.dumps([[v.vus(c["labels"], c["scores"], 60)["VUS-PR"], v.auc_pr(c["labels"], c["scores"])] for c in cases]))',
      cases,
    ) as [number, number][];
    cases.forEach(({ labels, scores }, i) => {
      expect(vusPr(labels, scores, 60)).toBeCloseTo(theirs[i]![0], 8);
      expect(aucPr(labels, scores)).toBeCloseTo(theirs[i]![1], 8);
    });
  });

  reference('F1, FAR, MAR, pooled (needs the reference scorers beside the checkout)', () => {
    const theirs = python(
      'import skab_score as s; m = s.binary_metrics([(np.array(c["labels"]), np.array(c["verdicts"])) for c in cases]); print(json.dumps([m["F1"], m["FAR"], m["MAR"]]))',
      cases,
    ) as number[];
    const ours = rates(cases.map((c) => confusionOf(c.labels, c.verdicts)).reduce(addConfusion));
    expect(ours.f1).toBeCloseTo(theirs[0]!, 8);
    expect(ours.far).toBeCloseTo(theirs[1]!, 8);
    expect(ours.mar).toBeCloseTo(theirs[2]!, 8);
  });

  reference('events, onsets, false alarms, delays (needs the reference scorers beside the checkout)', () => {
    const theirs = python(
      'import event_score as e; print(json.dumps([e.pool([e.score(c["labels"], c["verdicts"], None, 1.0, g, h, r) for c in cases]) for g, h, r in ((0, 0, 0), (20, 5, 10))]))',
      cases,
    ) as Record<string, number>[];
    [
      { grace: 0, hold: 0, early: 0 },
      { grace: 20, hold: 5, early: 10 },
    ].forEach((options, i) => {
      const ours = poolEvents(cases.map((c) => countEvents(c.labels, c.verdicts, options)));
      expect(ours).toMatchObject({
        events: theirs[i]!.events,
        detected: theirs[i]!.detected,
        detectedOnset: theirs[i]!.detected_onset,
        alarms: theirs[i]!.alarms,
        falseAlarms: theirs[i]!.false_alarms,
      });
      expect(ours.normalS / 86400).toBeCloseTo(theirs[i]!.normal_days!, 10);
    });
  });

  reference("NAB's three profiles, optimised and fixed (needs the reference scorers beside the checkout)", () => {
    const theirs = python(
      `import nab_score as n
c = n.Corpus()
for k in cases:
    d = np.diff(np.concatenate([[0], k["labels"], [0]]))
    c.add(np.array(k["scores"]), [(int(a), int(b) - 1) for a, b in zip(np.nonzero(d == 1)[0], np.nonzero(d == -1)[0])])
out = []
for p in n.PROFILES.values():
    raw, th = c.optimise(p)
    out.append([c.normalise(raw, p), c.normalise(c.raw(1.0, p), p)])
print(json.dumps(out))`,
      cases,
    ) as [number, number][];
    const corpus = new NabCorpus();
    for (const { labels, scores } of cases) corpus.add({ scores, windows: runsOf(labels) });
    Object.values(nabProfiles).forEach((profile, i) => {
      expect(corpus.normalise(corpus.optimise(profile).raw, profile)).toBeCloseTo(theirs[i]![0], 8);
      expect(corpus.normalise(corpus.raw(1, profile), profile)).toBeCloseTo(theirs[i]![1], 8);
    });
  });
});

describe('measures on known answers', () => {
  it('runs join over short gaps', () => {
    expect(runsOf([0, 1, 1, 0, 1, 0, 0, 1])).toEqual([
      { start: 1, end: 2 },
      { start: 4, end: 4 },
      { start: 7, end: 7 },
    ]);
    expect(runsOf([0, 1, 1, 0, 1, 0, 0, 1], 1)).toEqual([
      { start: 1, end: 4 },
      { start: 7, end: 7 },
    ]);
  });

  it('a perfect score has area 1, a constant one the base rate', () => {
    const labels = [0, 0, 0, 1, 1, 0, 0, 0, 0, 0];
    expect(aucPr(labels, labels)).toBe(1);
    expect(vusPr(labels, labels, 0)).toBe(1);
    expect(
      vusPr(
        labels,
        labels.map(() => 1),
        0,
      ),
    ).toBeCloseTo(0.2, 12);
  });

  it('an alarm that is stuck on finds no onset', () => {
    const labels = [0, 0, 1, 1, 0, 0];
    expect(countEvents(labels, [1, 1, 1, 1, 1, 1])).toMatchObject({ detected: 1, detectedOnset: 0, falseAlarms: 0 });
    expect(countEvents(labels, [1, 0, 0, 1, 0, 0])).toMatchObject({
      detectedOnset: 1,
      falseAlarms: 1,
      onsetDelaysS: [1],
    });
  });

  it('refuses scores that are not finite and labels of one kind', () => {
    expect(() => vusPr([0, 1], [Number.NaN, 1])).toThrow(/row 0/);
    expect(() => vusPr([1, 1], [0, 1])).toThrow(/both/);
  });
});
