export function noEffects() {
    return { friction: 1, imbalance: 1, bearingVibration: 0, cavitation: 0, strainer: 0, leak: 0, turbulence: 0 };
}
export const machineFaultNames = ['bearing-wear', 'imbalance', 'cavitation', 'blocked-filter', 'leak'];
export const machineFaults = {
    // Spalled races shake the housing; metal on metal turns shaft power into heat at the bearing, and the motor pays for it:
    // half a kilowatt more friction is about 20 K at the housing and one ampere.
    'bearing-wear': {
        signals: ['vibration', 'temperature', 'current'],
        apply: (e, s) => {
            e.bearingVibration += 4 * s;
            e.friction += 1.5 * s;
        },
    },
    // A centrifugal force m r w^2 on the shaft: vibration grows with the square of speed. The rotating load rolls the bearing harder,
    // which warms it by some kelvin.
    imbalance: {
        signals: ['vibration', 'temperature'],
        apply: (e, s) => {
            e.imbalance += 4 * s;
            e.friction += 0.45 * s;
        },
    },
    // Vapour bubbles take the place of water: head, and with it pressure, flow and power, sag and fluctuate; bubbles that
    // collapse on the vanes are broadband noise.
    cavitation: {
        signals: ['vibration', 'pressure', 'flow', 'current'],
        apply: (e, s) => {
            e.cavitation += s;
        },
    },
    // A clogging strainer on the suction side: less flow, so less power and current; the loss is taken before the pump, so the
    // discharge pressure falls too (a closing valve, which is normal, lowers flow and raises pressure). Uneven inflow shakes a little.
    'blocked-filter': {
        signals: ['flow', 'pressure', 'current', 'vibration'],
        apply: (e, s) => {
            e.strainer += 0.55 * s;
            e.turbulence += 0.9 * s;
        },
    },
    // A second way out between pump and flow meter: the pump sees less resistance, so pressure falls and it pumps and draws more, while the
    // meter downstream sees less arrive.
    leak: {
        signals: ['pressure', 'flow', 'current'],
        apply: (e, s) => {
            e.leak += 0.35 * s;
        },
    },
};
//# sourceMappingURL=machine-faults.js.map