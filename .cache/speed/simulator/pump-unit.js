const nominal = {
    shutoffHead: 60,
    curveFall: 0.0012,
    bestFlow: 100,
    resistance: 0.0048,
    ratedPower: 17.4,
    suctionPressure: 2,
    friction: 0.35,
    ampsPerKw: 1.8,
    idleAmps: 1.5,
    frictionHeating: 40,
    loadHeating: 0.92,
    thermalTauS: 240,
    baseVibration: 0.8,
    imbalanceVibration: 0.9,
    offPointVibration: 3.5,
};
/** Spread from unit to unit, as a share of the constant: castings and impellers agree within a percent, vibration does not. */
const unitSpread = {
    shutoffHead: 0.006,
    curveFall: 0.02,
    bestFlow: 0.01,
    resistance: 0.02,
    ratedPower: 0.008,
    suctionPressure: 0.01,
    friction: 0.03,
    ampsPerKw: 0.005,
    idleAmps: 0.03,
    frictionHeating: 0.02,
    loadHeating: 0.02,
    thermalTauS: 0.05,
    baseVibration: 0.05,
    imbalanceVibration: 0.05,
    offPointVibration: 0.05,
};
/** A pump off the production line: nominal constants with mild variation. */
export function makeUnit(random) {
    const vary = (key) => {
        const z = Math.max(-2, Math.min(2, random.normal()));
        return nominal[key] * (1 + unitSpread[key] * z);
    };
    return {
        shutoffHead: vary('shutoffHead'),
        curveFall: vary('curveFall'),
        bestFlow: vary('bestFlow'),
        resistance: vary('resistance'),
        ratedPower: vary('ratedPower'),
        suctionPressure: vary('suctionPressure'),
        friction: vary('friction'),
        ampsPerKw: vary('ampsPerKw'),
        idleAmps: vary('idleAmps'),
        frictionHeating: vary('frictionHeating'),
        loadHeating: vary('loadHeating'),
        thermalTauS: vary('thermalTauS'),
        baseVibration: vary('baseVibration'),
        imbalanceVibration: vary('imbalanceVibration'),
        offPointVibration: vary('offPointVibration'),
    };
}
