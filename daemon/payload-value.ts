/** What a payload says that is no shape known before: JSON, also as loose writers make it, or a plain number or word. */

/** Begins like a number (or `NaN`, `Infinity`, `inf`), not like JSON's other values. */
export function looksPlain(payload: Buffer): boolean {
  const first = payload[0] ?? 0;
  return first !== 0x7b && first !== 0x5b && first !== 0x22; // { [ "
}

const words = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['nan', null],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
  ['infinity', Infinity],
  ['+infinity', Infinity],
  ['-infinity', -Infinity],
]);

/** A number as devices print it (`+1.50`, ` 12\r\n`), or JSON after blanks; undefined for anything else. */
export function plainValue(text: string): unknown {
  const value = Number(text);
  if (!Number.isNaN(value) && text.trim() !== '') return /^\s*0[xob]/i.test(text) ? undefined : value;
  const word = text.trim().toLowerCase();
  return words.has(word) ? words.get(word) : parseJson(text);
}

const stringOrBareWord = /"(?:[^"\\]|\\.)*"|NaN|-?Infinity/g;

/** JSON, and what Python's and JavaScript's loose writers make of it: bare NaN and Infinity. Undefined for anything else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (!/NaN|Infinity/.test(text)) return undefined;
  }
  try {
    return JSON.parse(
      text.replace(stringOrBareWord, (found) =>
        found === 'NaN' ? 'null' : found === 'Infinity' ? '1e999' : found === '-Infinity' ? '-1e999' : found,
      ),
    );
  } catch {
    return undefined;
  }
}
