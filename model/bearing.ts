/** Rolling-element bearings: what their geometry makes of shaft speed. */

/** Rolling elements n, their diameter d and pitch diameter D in mm, contact angle in radians. */
export interface BearingGeometry {
  readonly balls: number;
  readonly ballDiameter: number;
  readonly pitchDiameter: number;
  readonly contactAngle: number;
}

/** A deep-groove ball bearing 6205: orders .398, 3.585, 5.415, 2.357. */
export const bearing6205: BearingGeometry = { balls: 9, ballDiameter: 7.94, pitchDiameter: 39.04, contactAngle: 0 };

/** Frequencies of a bearing in multiples of shaft speed. */
export interface DefectOrders {
  /** Cage (fundamental train). */
  readonly cage: number;
  /** Ball passes over a point of the outer race, */
  readonly outerRace: number;
  /** of the inner race. */
  readonly innerRace: number;
  /** Spin of a ball; a spot on it strikes twice a turn. */
  readonly ballSpin: number;
}

/**
 * With g = (d/D) cos a, fixed outer race: FTF = (1 - g)/2, BPFO = n (1 - g)/2, BPFI = n (1 + g)/2, BSF = (D/2d)(1 - g^2)
 * (Randall and Antoni 2011, "Rolling element bearing diagnostics - a tutorial").
 */
export function defectOrders({ balls, ballDiameter, pitchDiameter, contactAngle }: BearingGeometry): DefectOrders {
  const g = (ballDiameter / pitchDiameter) * Math.cos(contactAngle);
  return {
    cage: (1 - g) / 2,
    outerRace: (balls * (1 - g)) / 2,
    innerRace: (balls * (1 + g)) / 2,
    ballSpin: (pitchDiameter / (2 * ballDiameter)) * (1 - g ** 2),
  };
}
