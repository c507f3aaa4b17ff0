/** What one signal reads beside what all others imply for it, from the start of a deviation on: a sensor's error is smooth, a machine's moves with the load. */

/** Points that are kept; when full, pairs are joined and each point stands for twice as many frames. */
const capacity = 128;
/** Where the error itself is small its unevenness is told in parts of this share of its mean. */
const leastLevel = 0.3;

export class ImpliedError {
  private readonly points = new Float64Array(capacity);
  private filled = 0;
  private framesAPoint = 1;
  private sum = 0;
  private pending = 0;
  /** Frames so far. */
  frames = 0;
  /** Mean and summed squares of what was implied (Welford 1962). */
  private mean = 0;
  private squares = 0;

  /**
   * @param error of the next frame, in normal spreads
   * @param implied what the others imply for it, in normal spreads
   */
  push(error: number, implied: number): void {
    this.frames++;
    const delta = implied - this.mean;
    this.mean += delta / this.frames;
    this.squares += delta * (implied - this.mean);
    this.sum += error;
    if (++this.pending < this.framesAPoint) return;
    this.points[this.filled++] = this.sum / this.pending;
    this.sum = this.pending = 0;
    if (this.filled < capacity) return;
    for (let i = 0; i < capacity / 2; i++)
      this.points[i] = ((this.points[2 * i] as number) + (this.points[2 * i + 1] as number)) / 2;
    this.filled = capacity / 2;
    this.framesAPoint *= 2;
  }

  clear(): void {
    this.filled = this.sum = this.pending = this.frames = this.mean = this.squares = 0;
    this.framesAPoint = 1;
  }

  /** How far the operating point has moved meanwhile: standard deviation of what was implied. */
  travel(): number {
    return this.frames === 0 ? 0 : Math.sqrt(this.squares / this.frames);
  }

  /** Mean size of the error. */
  level(): number {
    let sum = 0;
    for (let i = 0; i < this.filled; i++) sum += Math.abs(this.points[i] as number);
    return sum / Math.max(1, this.filled);
  }

  /**
   * Root mean square of the error about its own smooth course (a parabola over time, least squares), in parts of that course: near 0 for an offset, a ramp or a
   * slow drift, which know nothing of what the machine does; large for a deviation that comes and goes with the operating point. NaN below 8 points.
   */
  unevenness(): number {
    const { points, filled: n } = this;
    if (n < 8) return Number.NaN;
    // Discrete orthogonal polynomials over -1..1 (Gram): three independent projections.
    const moments = { t2: 0, t4: 0 };
    const at = (i: number) => (2 * i) / (n - 1) - 1;
    for (let i = 0; i < n; i++) {
      const t2 = at(i) ** 2;
      moments.t2 += t2;
      moments.t4 += t2 * t2;
    }
    const middle = moments.t2 / n;
    const bend = (i: number) => at(i) ** 2 - middle;
    const bendLength = moments.t4 - n * middle * middle;
    let [mean, slope, curve, level] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const y = points[i] as number;
      mean += y / n;
      slope += (y * at(i)) / moments.t2;
      curve += (y * bend(i)) / bendLength;
      level += Math.abs(y) / n;
    }
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const course = mean + slope * at(i) + curve * bend(i);
      sum += (((points[i] as number) - course) / Math.max(Math.abs(course), leastLevel * level)) ** 2;
    }
    return Math.sqrt(sum / n);
  }
}
