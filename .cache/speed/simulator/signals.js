/** The signals of a pump and the transmitters that measure them. */
export const signalNames = ['temperature', 'pressure', 'flow', 'current', 'vibration'];
export const signals = {
    temperature: {
        unit: 'degC',
        description: 'bearing housing, Pt100',
        noise: 0.06,
        relativeNoise: 0,
        offsetSpread: 0.3,
        gainSpread: 0,
        resolution: 0.05,
        range: [-20, 150],
        faultScale: 12,
    },
    pressure: {
        unit: 'bar',
        description: 'discharge, gauge',
        noise: 0.012,
        relativeNoise: 0,
        offsetSpread: 0.02,
        gainSpread: 0.002,
        resolution: 0.005,
        range: [0, 16],
        faultScale: 1.2,
    },
    flow: {
        unit: 'm3/h',
        description: 'delivered, magnetic-inductive meter downstream',
        noise: 0.35,
        relativeNoise: 0.002,
        offsetSpread: 0,
        gainSpread: 0.004,
        resolution: 0.1,
        range: [0, 200],
        faultScale: 18,
    },
    current: {
        unit: 'A',
        description: 'line side of the drive',
        noise: 0.12,
        relativeNoise: 0.003,
        offsetSpread: 0,
        gainSpread: 0.005,
        resolution: 0.05,
        range: [0, 80],
        faultScale: 7,
    },
    vibration: {
        unit: 'mm/s',
        description: 'bearing housing, velocity RMS 10-1000 Hz',
        noise: 0.015,
        relativeNoise: 0.025,
        offsetSpread: 0,
        gainSpread: 0.02,
        resolution: 0.01,
        range: [0, 25],
        faultScale: 2.5,
    },
};
/** The transmitter's output for a true value that noise and faults have already been added to: clipped to the range, then rounded to the resolution. */
export function transmit(name, value) {
    const { range, resolution } = signals[name];
    const clipped = Math.min(range[1], Math.max(range[0], value));
    // Rounding by the reciprocal keeps 61.2 from becoming 61.200000000000003 in the message.
    const steps = Math.round(1 / resolution);
    return Math.round(clipped * steps) / steps;
}
