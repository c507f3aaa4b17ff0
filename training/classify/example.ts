/** A labelled burst. */
export interface Example {
  /** [F] standardised */
  readonly features: readonly number[];
  /** Index of its class. */
  readonly label: number;
}
