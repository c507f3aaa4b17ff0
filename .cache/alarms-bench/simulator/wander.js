/** Ornstein-Uhlenbeck process of mean 0 and standard deviation 1: a wander whose memory fades with `tauS`, at any step length. */
export class Wander {
    random;
    tauS;
    value;
    constructor(random, tauS) {
        this.random = random;
        this.tauS = tauS;
        this.value = random.normal();
    }
    step(dtS) {
        const keep = Math.exp(-dtS / this.tauS);
        this.value = keep * this.value + Math.sqrt(1 - keep * keep) * this.random.normal();
        return this.value;
    }
}
