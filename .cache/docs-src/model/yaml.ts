/** YAML text + zod schema -> a checked value, or every problem with its line and key. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { formatPlace, type Place, UserError } from './errors.js';
import { fromIssue, type Path } from './schema-problems.js';

/** One thing that is wrong in a config. Never holds a value of the config: it might be a secret. */
export interface ConfigProblem {
  readonly place: Place;
  readonly problem: string;
  readonly remedy: string;
}

export type ConfigResult<T> =
  | { readonly value: T; readonly problems: readonly [] }
  | { readonly value?: undefined; readonly problems: readonly [ConfigProblem, ...ConfigProblem[]] };

/** Checks `text` against `schema`; `file` is only named in the problems. All problems come at once, in the order of their lines. */
export function configProblems<S extends z.ZodType>(text: string, file: string, schema: S): ConfigResult<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [first, ...others] = document.errors.map((error) => ({
    place: { file, line: lines.linePos(error.pos[0]).line },
    problem: `not valid YAML: ${error.message}`,
    remedy: '',
  }));
  if (first !== undefined) return { problems: [first, ...others] };

  let content: unknown;
  try {
    content = document.toJS() ?? {};
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { problems: [{ place: { file }, problem: `not valid YAML: ${error.message}`, remedy: '' }] };
  }

  const result = schema.safeParse(content);
  if (result.success) return { value: result.data, problems: [] };
  const lineOf = (path: Path) => nodeLine(document.contents, path, lines);
  const found = result.error.issues
    .flatMap((issue) => fromIssue(issue, [], content, schema))
    .map(({ path, problem, remedy }) => ({
      place: { file, line: lineOf(path), key: formatKey(path) },
      problem,
      remedy,
    }))
    .sort((a, b) => a.place.line - b.place.line);
  const [one, ...more] = found;
  if (one === undefined) throw result.error;
  return { problems: [one, ...more] };
}

/**
 * The checked value.
 * @throws UserError that lists every problem, each with file, line, key and remedy.
 */
export function parseYamlConfig<S extends z.ZodType>(text: string, file: string, schema: S): z.output<S> {
  const { value, problems } = configProblems(text, file, schema);
  const [first, ...others] = problems;
  if (first === undefined) return value as z.output<S>;
  if (others.length === 0) throw new UserError(first.problem, first.place, first.remedy);
  throw new UserError(`${problems.length} problems:\n${problems.map((one) => `  ${formatProblem(one)}`).join('\n')}`, {
    file,
  });
}

/** `config.yaml:3 (broker.url): must be a text, but is a number.` */
export function formatProblem({ place, problem, remedy }: ConfigProblem): string {
  return `${formatPlace(place)}: ${problem}${remedy === '' ? '' : ` ${remedy}`}`;
}

/** `inputs[0].topic` */
export function formatKey(path: Path): string {
  return path.reduce<string>(
    (key, part) =>
      typeof part === 'number' ? `${key}[${part}]` : key === '' ? String(part) : `${key}.${String(part)}`,
    '',
  );
}

/** Line of the deepest node on the way of `path` that is there; of a map's entry, the line of its key. */
function nodeLine(root: Node | null, path: Path, lines: LineCounter): number {
  let line = root?.range ? lines.linePos(root.range[0]).line : 1;
  let node: unknown = root;
  for (const part of path) {
    let at: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(part));
      at = pair?.key;
      node = pair?.value;
    } else if (isSeq(node)) {
      node = typeof part === 'number' ? node.items[part] : undefined;
      at = node;
    }
    const range = (at as Node | undefined)?.range;
    if (!range) break;
    line = lines.linePos(range[0]).line;
  }
  return line;
}
