/** Seeded random numbers: the same labels give the same numbers on every machine. */
/** sfc32 (Chris Doty-Humphrey's Small Fast Counting generator), seeded by hashing its labels with FNV-1a. */
export class Random {
    a;
    b;
    c;
    counter = 1;
    /** Labels separate the streams: `new Random(seed, 'pump-1', 'noise')` tells nothing about `new Random(seed, 'pump-2', 'noise')`. */
    constructor(...labels) {
        const text = labels.join('\u0000');
        this.a = hash(text, 0x811c9dc5);
        this.b = hash(text, 0x9e3779b9);
        this.c = hash(text, 0x85ebca6b);
        for (let i = 0; i < 15; i++)
            this.next();
    }
    next() {
        const t = (this.a + this.b + this.counter) | 0;
        this.counter = (this.counter + 1) | 0;
        this.a = this.b ^ (this.b >>> 9);
        this.b = (this.c + (this.c << 3)) | 0;
        this.c = ((this.c << 21) | (this.c >>> 11)) + t;
        this.c |= 0;
        return t >>> 0;
    }
    /** Uniform in [low, high). */
    uniform(low = 0, high = 1) {
        return low + ((high - low) * this.next()) / 4294967296;
    }
    /** Gaussian (Box and Muller 1958). */
    normal(mean = 0, sd = 1) {
        const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
        return mean + sd * radius * Math.cos(2 * Math.PI * this.uniform());
    }
    chance(probability) {
        return this.uniform() < probability;
    }
    /** A copy in random order (Fisher and Yates). */
    shuffled(items) {
        const copy = [...items];
        for (let i = copy.length - 1; i > 0; i--) {
            const j = Math.floor(this.uniform(0, i + 1));
            const [x, y] = [copy[i], copy[j]];
            copy[i] = y;
            copy[j] = x;
        }
        return copy;
    }
}
function hash(text, basis) {
    let h = basis;
    for (let i = 0; i < text.length; i++)
        h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    return h >>> 0;
}
//# sourceMappingURL=random.js.map