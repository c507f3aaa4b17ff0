/** The settings of a JSON Schema as rows of a Markdown table, so that references are made from the schema alone. */

/** As much of JSON Schema as our own schemas give. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

const head = ['| setting | default | |', '|---|---|---|'];

/** One row a setting, nested ones by their path; `[]` stands for each item of a list. */
export function settingsTable(node: SchemaNode, prefix = ''): string {
  return [...head, ...rowsOf(node, prefix)].join('\n');
}

function rowsOf(node: SchemaNode, prefix: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = `${prefix}${name}`;
    const inner = [child, ...(child.anyOf ?? [])].flatMap((part) => [
      ...rowsOf(part, `${path}.`),
      ...[part.items ?? {}, ...(part.items?.anyOf ?? [])].flatMap((item) => rowsOf(item, `${path}[].`)),
    ]);
    const own = node.required?.includes(name) === true && child.default === undefined ? '*required*' : defaultOf(child);
    const options =
      child.enum === undefined ? '' : ` One of ${child.enum.map((one) => `\`${String(one)}\``).join(', ')}.`;
    const text = `${child.description ?? ''}${child.description && options ? '.' : ''}${options}`.replaceAll(
      '|',
      '\\|',
    );
    // What a section holds says its default better than the section.
    return [`| \`${path}\` | ${inner.length > 0 && own !== '*required*' ? '' : own} | ${text} |`, ...new Set(inner)];
  });
}

function defaultOf({ default: value }: SchemaNode): string {
  return value === undefined ? '' : `\`${JSON.stringify(value).replaceAll('|', '\\|')}\``;
}
