declare module 'fft.js' {
  /** Radix-4 Fourier transform of a fixed size, a power of two. Complex arrays interleave real and imaginary parts. */
  export default class FFT {
    constructor(size: number);
    readonly size: number;
    /** Fills the first half of `out`, bins 0..size/2. */
    realTransform(out: Float64Array, data: ArrayLike<number>): void;
    transform(out: Float64Array, data: Float64Array): void;
    /** Divides by the size. */
    inverseTransform(out: Float64Array, data: Float64Array): void;
  }
}
