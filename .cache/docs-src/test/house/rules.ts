/** The rules of the house as a pure function: source files in, every breach out, each with its line. */
import path from 'node:path';
import { type Node, parseSync, Visitor } from 'oxc-parser';

/** A tree of sources: path from the root, with `/`, to text. */
export type Sources = ReadonlyMap<string, string>;

export interface Breach {
  /** `file:line` */
  readonly at: string;
  readonly rule: 'arrow' | 'cycle' | 'clock' | 'package' | 'doc comment' | 'name' | 'import' | 'syntax';
  readonly what: string;
}

/** Which rooms a room may import from, besides itself. Rooms that are not named here are free. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  model: [],
  daemon: ['model'],
  training: ['model'],
  simulator: ['model'],
};

/** Packages that have one home. `types: true` lets type-only imports go anywhere: they leave nothing in the program. */
const homes: readonly { readonly of: RegExp; readonly at: RegExp; readonly types: boolean }[] = [
  { of: /^@tensorflow\//, at: /^(training|examples|test)\//, types: false },
  { of: /^onnxruntime-node$/, at: /^(model\/session\.ts$|examples\/|test\/)/, types: true },
  { of: /^(node:)?(net|tls|dgram|http|https|http2)$/, at: /^(daemon|simulator|deploy|examples|test)\//, types: true },
  { of: /^(mqtt|aedes|prom-client)$/, at: /^(daemon|simulator|examples|test)\//, types: true },
];

const clockFile = 'model/clock.ts';
const clockMembers: Readonly<Record<string, RegExp>> = {
  Date: /^now$/,
  performance: /^(now|timeOrigin|mark|measure)$/,
  process: /^(hrtime|uptime)$/,
};
const clockImports: Readonly<Record<string, RegExp>> = {
  'node:perf_hooks': /^(performance|default|\*)$/,
  perf_hooks: /^(performance|default|\*)$/,
  'node:process': /^(hrtime|uptime)$/,
  process: /^(hrtime|uptime)$/,
};
const emptyNames = new Set(['util', 'utils', 'helper', 'helpers', 'manager', 'managers', 'common']);

export interface Import {
  readonly from: string;
  /** Absent for relative imports that lead to no file. */
  readonly file?: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

/** Every import of a file: static, re-export, dynamic and `import('x')` types. */
export function importsOf(file: string, sources: Sources): Import[] {
  return inspect(file, sources).imports;
}

/** Every breach of the rules in the tree, in the order of the files. */
export function breaches(sources: Sources): Breach[] {
  const found: Breach[] = [];
  const edges = new Map<string, string[]>();
  for (const file of [...sources.keys()].sort()) {
    const text = sources.get(file) ?? '';
    const { imports, clockReads, errors } = inspect(file, sources);
    const add = (rule: Breach['rule'], line: number, what: string) => found.push({ at: `${file}:${line}`, rule, what });
    for (const error of errors) add('syntax', 1, error);

    const empty = file
      .split('/')
      .flatMap((part) => part.split(/[-_.]|(?<=[a-z])(?=[A-Z])/))
      .find((word) => emptyNames.has(word.toLowerCase()));
    if (empty !== undefined) add('name', 1, `"${empty}" says nothing: name the thing or the act`);

    const isTest = file.startsWith('test/');
    if (!/\.test\.ts$/.test(file) && !/^(#!.*\n)?\s*\/\*\*\s*\S/.test(text)) {
      add('doc comment', 1, 'the file does not open with a doc comment that says what it is');
    }
    if (!isTest && file !== clockFile)
      for (const read of clockReads) add('clock', read.line, `${read.what} outside ${clockFile}`);

    for (const each of imports) {
      const allowed = arrows[room(file)];
      if (each.specifier.startsWith('.')) {
        if (each.file === undefined) {
          add('import', each.line, `${each.specifier} leads to no source file`);
        } else if (allowed !== undefined && room(each.file) !== room(file) && !allowed.includes(room(each.file))) {
          add('arrow', each.line, `${room(file)} imports ${each.file}`);
        }
      } else {
        for (const home of homes) {
          if (!home.of.test(each.specifier) || home.at.test(file) || (home.types && each.typeOnly)) continue;
          add('package', each.line, `${each.specifier} does not belong here, only where ${home.at.source} matches`);
        }
      }
    }
    edges.set(
      file,
      imports.flatMap((each) => each.file ?? []),
    );
  }
  for (const cycle of cycles(edges)) found.push({ at: `${cycle[0]}:1`, rule: 'cycle', what: cycle.join(' -> ') });
  return found;
}

function room(file: string): string {
  return file.split('/')[0] ?? '';
}

interface Inspection {
  readonly imports: Import[];
  readonly clockReads: { readonly line: number; readonly what: string }[];
  readonly errors: string[];
}

function inspect(file: string, sources: Sources): Inspection {
  const text = sources.get(file) ?? '';
  const { program, module, errors } = parseSync(file, text);
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const imports: Import[] = [];
  const clockReads: Inspection['clockReads'] = [];

  const addImport = (specifier: string, typeOnly: boolean, offset: number) => {
    const to = specifier.startsWith('.') ? resolve(file, specifier, sources) : undefined;
    imports.push({ from: file, specifier, typeOnly, line: lineOf(offset), ...(to === undefined ? {} : { file: to }) });
  };
  for (const each of module.staticImports) {
    const typeOnly = each.entries.length > 0 && each.entries.every((entry) => entry.isType);
    addImport(each.moduleRequest.value, typeOnly, each.start);
    for (const entry of each.entries) {
      const name = entry.importName.name ?? (entry.importName.kind === 'NamespaceObject' ? '*' : 'default');
      if (!entry.isType && clockImports[each.moduleRequest.value]?.test(name)) {
        clockReads.push({ line: lineOf(each.start), what: `import of ${name} from ${each.moduleRequest.value}` });
      }
    }
  }
  for (const { entries, start } of module.staticExports) {
    const from = entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest;
    if (from)
      addImport(
        from.value,
        entries.every((entry) => entry.isType),
        start,
      );
  }

  const clockRead = (node: Node, what: string) => clockReads.push({ line: lineOf(node.start), what });
  new Visitor({
    ImportExpression(node) {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string') {
        addImport(node.source.value, false, node.start);
      }
    },
    TSImportType(node) {
      if (typeof node.source.value === 'string') addImport(node.source.value, true, node.start);
    },
    MemberExpression(node) {
      const object = globalName(node.object);
      const property = memberName(node);
      if (object !== undefined && property !== undefined && clockMembers[object]?.test(property)) {
        clockRead(node, `${object}.${property}`);
      }
    },
    NewExpression(node) {
      if (globalName(node.callee) === 'Date' && node.arguments.length === 0) clockRead(node, 'new Date()');
    },
    CallExpression(node) {
      if (globalName(node.callee) === 'Date') clockRead(node, 'Date()');
    },
    VariableDeclarator(node) {
      const object = node.init ? globalName(node.init) : undefined;
      if (object === undefined || node.id.type !== 'ObjectPattern') return;
      for (const property of node.id.properties) {
        if (property.type !== 'Property' || property.key.type !== 'Identifier') continue;
        if (clockMembers[object]?.test(property.key.name)) clockRead(node, `${object}.${property.key.name}`);
      }
    },
  }).visit(program);
  return { imports, clockReads, errors: errors.map((error) => error.message) };
}

/** `Date` for `Date`, `globalThis.Date` and `(Date)`; undefined for what is no plain name. */
function globalName(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'ParenthesizedExpression') return globalName(node.expression);
  if (node.type !== 'MemberExpression') return undefined;
  return node.object.type === 'Identifier' && node.object.name === 'globalThis' ? memberName(node) : undefined;
}

function memberName(node: Extract<Node, { type: 'MemberExpression' }>): string | undefined {
  if (!node.computed && node.property.type === 'Identifier') return node.property.name;
  return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : undefined;
}

function resolve(file: string, specifier: string, sources: Sources): string | undefined {
  const to = path.posix.join(path.posix.dirname(file), specifier);
  return [to.replace(/\.js$/, '.ts'), to].find((candidate) => sources.has(candidate));
}

/** One cycle for each strongly connected group (Tarjan 1972), written as a walk that ends where it begins. */
function cycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string) => {
    index.set(node, index.size);
    low.set(node, index.get(node) ?? 0);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1 || edges.get(node)?.includes(node)) found.push(walk(node, new Set(group), edges));
  };
  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return found;
}

/** The shortest way from `start` back to itself inside `group`. */
function walk(start: string, group: ReadonlySet<string>, edges: ReadonlyMap<string, readonly string[]>): string[] {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of edges.get(way[way.length - 1] ?? '') ?? []) {
      if (next === start) return [...way, start];
      if (!group.has(next) || seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return [...group];
}
