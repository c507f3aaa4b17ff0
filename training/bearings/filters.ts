/** What a convolutional network has learned to listen to: a kernel is a filter, and its frequency response says of what. */

const points = 512;

/** Frequency, Hz, at which each kernel's gain is largest. */
export function filterPeaks(kernels: readonly (readonly number[])[], rateHz: number): number[] {
  return kernels.map((kernel) => {
    let [best, at] = [-1, 0];
    for (let k = 0; k <= points; k++) {
      const omega = (Math.PI * k) / points;
      let [re, im] = [0, 0];
      kernel.forEach((weight, t) => {
        re += weight * Math.cos(omega * t);
        im += weight * Math.sin(omega * t);
      });
      const gain = re * re + im * im;
      if (gain > best) [best, at] = [gain, k];
    }
    return Math.round((at * rateHz) / (2 * points));
  });
}
