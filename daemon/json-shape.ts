/** JSON messages that look like one before them: only their numbers and texts are read. A sensor sends the same few shapes all its life. */

interface Leaf {
  readonly parent: Record<string | number, unknown>;
  readonly key: string | number;
  readonly isText: boolean;
}

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const lowerE = 0x65;

/** What would take longer to learn than it saves. */
const maxBytes = 16_384;
const maxLeaves = 512;
const maxDepth = 16;
/** Shapes kept; and what learning one costs, in messages that it must spare. */
const maxShapes = 4;
const price = 8;
const maxCredit = 64;

/** Powers of ten that a float64 holds exactly. */
const powers = Array.from({ length: 23 }, (_, i) => 10 ** i);

/** Gives what `parse` gives, faster where messages resemble one another. */
export class JsonReader<Plan = undefined> {
  private readonly shapes: JsonShape<Plan>[] = [];
  /** Messages spared less those spent on learning. */
  private credit = 0;

  /** @param planOf what shall be known of each shape, see `JsonShape.plan` */
  constructor(
    private readonly parse: (text: string) => unknown,
    private readonly planOf: (shape: JsonShape<Plan>) => Plan | undefined = () => undefined,
  ) {}

  /** The message's value, valid until the next call; undefined for what is no JSON. */
  read(payload: Buffer): unknown {
    const shape = this.find(payload);
    return shape === undefined ? this.readAnew(payload) : shape.value();
  }

  /** The shape that the message has, with its numbers and texts until the next call; undefined where it is read by `readAnew`. */
  find(payload: Buffer): JsonShape<Plan> | undefined {
    const { shapes } = this;
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i] as JsonShape<Plan>;
      if (!shape.fill(payload)) continue;
      if (i > 0) shapes.unshift(...shapes.splice(i, 1));
      if (this.credit < maxCredit) this.credit++;
      return shape;
    }
    return undefined;
  }

  readAnew(payload: Buffer): unknown {
    const root = this.parse(payload.toString());
    if (this.credit >= 0) this.learn(payload, root);
    else this.credit += 1 / price;
    return root;
  }

  private learn(payload: Buffer, root: unknown): void {
    this.credit -= price;
    const shape = typeof root === 'object' && root !== null ? JsonShape.of<Plan>(payload, root) : undefined;
    if (shape === undefined) return;
    shape.plan = this.planOf(shape);
    this.shapes.unshift(shape);
    this.shapes.length = Math.min(this.shapes.length, maxShapes);
  }
}

/** One message's bytes around its numbers and texts, and where in the message's value those stand. */
export class JsonShape<Plan = undefined> {
  /** What a reader of messages of this shape may do without looking at `value`. */
  plan: Plan | undefined;
  /** Of the message read last, by leaf: a number, or a text. */
  readonly numbers: Float64Array;
  private readonly texts: string[];

  private constructor(
    /** What a message of this shape has become; `value` changes it. */
    readonly root: object,
    /** The bytes between the leaves, joined; those before leaf i end at `ends[i]`. */
    private readonly literal: Uint8Array,
    private readonly ends: Int32Array,
    private readonly leaves: readonly Leaf[],
  ) {
    this.numbers = new Float64Array(leaves.length);
    this.texts = leaves.map(() => '');
  }

  /** The shape of `payload`, whose value is `root`; undefined where it is not worth the while, or ambiguous. */
  static of<Plan = undefined>(payload: Buffer, root: object): JsonShape<Plan> | undefined {
    if (payload.length > maxBytes) return undefined;
    const scan = new Scan(payload);
    if (!scan.value([root], 0, 0) || !scan.isOver) return undefined;
    const { spans } = scan;
    const parts: Buffer[] = [];
    const ends = new Int32Array(spans.length);
    let at = 0;
    let length = 0;
    spans.forEach(({ from, to }, i) => {
      parts.push(payload.subarray(at, from));
      length += from - at;
      ends[i] = length;
      at = to;
    });
    parts.push(payload.subarray(at));
    const shape = new JsonShape<Plan>(root, new Uint8Array(Buffer.concat(parts)), ends, scan.leaves);
    return shape.fill(payload) ? shape : undefined;
  }

  isText(leaf: number): boolean {
    return this.leaves[leaf]?.isText === true;
  }

  /** A leaf of the message read last. */
  leaf(leaf: number): number | string | undefined {
    return this.isText(leaf) ? this.texts[leaf] : this.numbers[leaf];
  }

  /** The leaf that is `parent[key]`, a part of `root`; undefined if that is none. */
  leafOf(parent: unknown, key: string | number): number | undefined {
    const leaf = this.leaves.findIndex((leaf) => leaf.parent === parent && String(leaf.key) === String(key));
    return leaf < 0 ? undefined : leaf;
  }

  /** The message read last. */
  value(): object {
    this.leaves.forEach(({ parent, key }, i) => {
      parent[key] = this.leaf(i);
    });
    return this.root;
  }

  /** Reads `bytes`; false if they are of another shape, and then there is nothing of use. */
  fill(bytes: Uint8Array & { toString(encoding: 'latin1', from: number, to: number): string }): boolean {
    const { literal, ends, leaves, numbers, texts } = this;
    let at = 0;
    let l = 0;
    for (let i = 0; i < leaves.length; i++) {
      const end = ends[i] as number;
      while (l < end) if (bytes[at++] !== literal[l++]) return false;
      const from = at;
      if ((leaves[i] as Leaf).isText) {
        at = textEnd(bytes, at);
        if (at < 0) return false;
        texts[i] = bytes.toString('latin1', from, at);
        continue;
      }
      let byte = bytes[at];
      const isNegative = byte === minus;
      if (isNegative) byte = bytes[++at];
      const first = at;
      let digits = 0;
      while (byte !== undefined && byte >= zero && byte <= nine) {
        digits = 10 * digits + byte - zero;
        byte = bytes[++at];
      }
      if (at === first || (bytes[first] === zero && at > first + 1)) return false;
      let scale = 0;
      if (byte === point) {
        const before = at;
        byte = bytes[++at];
        while (byte !== undefined && byte >= zero && byte <= nine) {
          digits = 10 * digits + byte - zero;
          byte = bytes[++at];
        }
        scale = at - before - 1;
        if (scale === 0) return false;
      }
      const hasExponent = byte !== undefined && (byte | 0x20) === lowerE;
      if (hasExponent) at = exponentEnd(bytes, at);
      if (at < 0) return false;
      // Of two exact numbers, the quotient is the nearest there is (Clinger 1990); all others are left to the language.
      if (hasExponent || digits > Number.MAX_SAFE_INTEGER || scale > 22)
        numbers[i] = Number(bytes.toString('latin1', from, at));
      else {
        const value = scale === 0 ? digits : digits / (powers[scale] as number);
        numbers[i] = isNegative ? -value : value;
      }
    }
    while (l < literal.length) if (bytes[at++] !== literal[l++]) return false;
    return at === bytes.length;
  }
}

/** Finds the leaves of a message that is known to be JSON. */
class Scan {
  readonly spans: { readonly from: number; readonly to: number }[] = [];
  readonly leaves: Leaf[] = [];
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isOver(): boolean {
    this.skipBlanks();
    return this.at === this.bytes.length;
  }

  /** Goes over one value, which is `parent[key]`; false where the shape is not worth keeping. */
  value(parent: object, key: string | number, depth: number): boolean {
    this.skipBlanks();
    const { bytes } = this;
    const first = String.fromCharCode(bytes[this.at] ?? 0);
    if (first === '{' || first === '[') return this.members(parent[key as never], first === '{', depth + 1);
    const from = this.at;
    if (first === '"') {
      const to = textEnd(bytes, from + 1);
      this.skipText();
      // Other texts are as the rest: they must come again as they are.
      if (to >= 0) this.add({ parent, key, isText: true } as Leaf, from + 1, to);
    } else {
      while (/[\w.+-]/.test(String.fromCharCode(bytes[this.at] ?? 0))) this.at++;
      if (/[-\d]/.test(first)) this.add({ parent, key, isText: false } as Leaf, from, this.at);
    }
    return this.leaves.length <= maxLeaves && this.at > from;
  }

  private members(of: unknown, isObject: boolean, depth: number): boolean {
    // A name that comes twice: the last one counts, and the first has left nothing.
    if (typeof of !== 'object' || of === null || Array.isArray(of) === isObject || depth > maxDepth) return false;
    const names = new Set<string>();
    this.at++;
    for (let i = 0; ; i++) {
      this.skipBlanks();
      const byte = this.bytes[this.at];
      if (byte === 0x7d || byte === 0x5d) break;
      if (byte === 0x2c) this.at++;
      let key: string | number = i;
      if (isObject) {
        this.skipBlanks();
        const from = this.at;
        this.skipText();
        key = JSON.parse(this.bytes.toString('utf8', from, this.at)) as string;
        if (names.size === names.add(key).size) return false;
        this.skipBlanks();
        this.at++;
      }
      if (!this.value(of, key, depth)) return false;
    }
    this.at++;
    return true;
  }

  private add(leaf: Leaf, from: number, to: number): void {
    this.leaves.push(leaf);
    this.spans.push({ from, to });
  }

  private skipText(): void {
    const { bytes } = this;
    this.at++;
    while (this.at < bytes.length && bytes[this.at] !== quote) this.at += bytes[this.at] === backslash ? 2 : 1;
    this.at++;
  }

  private skipBlanks(): void {
    while ((this.bytes[this.at] ?? 0xff) <= 0x20) this.at++;
  }
}

/** Where the text that begins at `at` ends; -1 if there is anything in it but plain ASCII. */
function textEnd(bytes: Uint8Array, at: number): number {
  for (; ; at++) {
    const byte = bytes[at];
    if (byte === quote) return at;
    if (byte === undefined || byte < 0x20 || byte > 0x7e || byte === backslash) return -1;
  }
}

/** Where the exponent whose `e` stands at `at` ends; -1 if it is none. */
function exponentEnd(bytes: Uint8Array, at: number): number {
  const sign = bytes[at + 1];
  const first = sign === minus || sign === 0x2b ? at + 2 : at + 1;
  let end = first;
  for (let byte = bytes[end]; byte !== undefined && byte >= zero && byte <= nine; byte = bytes[++end]);
  return end > first ? end : -1;
}
