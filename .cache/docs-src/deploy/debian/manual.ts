/** `node manual.js CLI man|completion`: the manual page and the bash completion, written from what the program's own `--help` says. */
import { execFileSync } from 'node:child_process';

export interface Entry {
  /** As in the help: `-c, --config <file>`, `show [options] <dir>`. */
  readonly term: string;
  readonly text: string;
}

export interface Help {
  readonly usage: string;
  readonly description: string;
  readonly sections: ReadonlyMap<string, readonly Entry[]>;
}

/** Reads the help that commander prints: usage, description, then titled lists of indented entries. */
export function parseHelp(text: string): Help {
  const sections = new Map<string, Entry[]>();
  const description: string[] = [];
  let usage = '';
  let section: Entry[] | undefined;
  for (const line of text.split('\n')) {
    const title = /^([A-Z][\w ]*):(?: (.*))?$/.exec(line);
    const entry = /^ {2}(\S.*?)(?: {2,}(\S.*))?$/.exec(line);
    if (title?.[1] === 'Usage') {
      usage = title[2] ?? '';
    } else if (title?.[1] !== undefined && title[2] === undefined) {
      section = [];
      sections.set(title[1], section);
    } else if (section === undefined) description.push(line.trim());
    else if (entry) section.push({ term: entry[1] ?? '', text: entry[2] ?? '' });
    else if (line.trim() !== '') {
      const last = section.pop();
      if (last) section.push({ term: last.term, text: `${last.text} ${line.trim()}`.trim() });
    }
  }
  return { usage, description: description.join(' ').trim(), sections };
}

/** A command of the program, and its own below it. */
export interface Manual {
  readonly path: readonly string[];
  readonly help: Help;
  readonly commands: readonly Manual[];
}

/** Asks the program itself, command by command; `help` and `version` explain themselves. */
export function readManual(ask: (args: readonly string[]) => string, at: readonly string[] = []): Manual {
  const help = parseHelp(ask([...at, '--help']));
  const names = (help.sections.get('Commands') ?? []).map(({ term }) => term.split(' ')[0] ?? '');
  const commands = names.filter((name) => name !== 'help').map((name) => readManual(ask, [...at, name]));
  return { path: at, help, commands };
}

const roff = (text: string) =>
  text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/^([.'])/gm, '\\&$1');

/** Option names of a term: `-c, --config <file>` -> `-c`, `--config`. */
const flags = (entries: readonly Entry[] | undefined) =>
  (entries ?? []).flatMap(({ term }) => term.match(/(?<![\w-])--?[A-Za-z][\w-]*/g) ?? []);

/** anomalyd(1) in roff. */
export function manPage(manual: Manual, version: string): string {
  const lists = ({ path, help, commands }: Manual): string[] => [
    ...(path.length === 0 ? [] : [`.SS anomalyd ${roff(path.join(' '))}`, `.B ${roff(help.usage)}`, '.PP']),
    roff(help.description),
    ...['Arguments', 'Options'].flatMap((title) =>
      (help.sections.get(title) ?? []).flatMap(({ term, text }) => ['.TP', `.B ${roff(term)}`, roff(text)]),
    ),
    ...commands.flatMap(lists),
  ];
  const [summary = ''] = manual.help.description.split(/[.:]/);
  return [
    `.TH ANOMALYD 1 "" "anomalyd ${roff(version)}" "User Commands"`,
    '.SH NAME',
    `anomalyd \\- ${roff(summary.charAt(0).toLowerCase() + summary.slice(1))}`,
    '.SH SYNOPSIS',
    '.B anomalyd',
    '.I command',
    '[\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    roff(manual.help.description),
    '.PP',
    'As a service it runs from systemd: edit the config, check it, and start it.',
    '.PP',
    '.nf',
    '\\fBanomalyd check \\-\\-config /etc/anomalyd/config.yaml\\fR',
    '\\fBsystemctl enable \\-\\-now anomalyd\\fR',
    '.fi',
    '.SH COMMANDS',
    ...manual.commands.flatMap(lists),
    '.SH FILES',
    ...files.flatMap(([file, text]) => ['.TP', `.I ${roff(file)}`, roff(text)]),
    '.SH EXIT STATUS',
    '.TP',
    '.B 0',
    'All went well, or the daemon was asked to stop and has drained.',
    '.TP',
    '.B 78',
    'Config, bundle, recording or broker need mending; the message says what, where and how. systemd does not try again.',
    '.SH SIGNALS',
    '.TP',
    '.B SIGHUP',
    'Reads the config again; one that does not hold changes nothing, and the log says why.',
    '.TP',
    '.B SIGTERM\\fR, \\fBSIGINT',
    'Finishes what is under way and exits; a second one ends it at once.',
    '',
  ].join('\n');
}

const files = [
  [
    '/etc/anomalyd/config.yaml',
    'the config of anomalyd.service; /etc/anomalyd/NAME.yaml that of anomalyd@NAME.service',
  ],
  [
    '/etc/anomalyd/secret/',
    'passwords and keys, for root only: secret/mqtt is {credential: secret_mqtt} in the config',
  ],
  ['/var/lib/anomalyd/', 'what survives a restart: alarms, and alerts that the broker has not taken yet'],
  ['/usr/share/anomalyd/anomalyd.schema.json', 'JSON Schema of the config, for editors'],
  ['/usr/share/anomalyd/bundles/', 'an example bundle, learned from simulated pumps'],
] as const;

/** Completion for bash: commands, their options, and files after options that take one. */
export function bashCompletion(manual: Manual): string {
  const cases = (each: Manual): string[] => [
    `    '${each.path.join(' ')}') words='${[...each.commands.map(({ path }) => path.at(-1)), ...flags(each.help.sections.get('Options'))].join(' ')}' ;;`,
    ...each.commands.flatMap(cases),
  ];
  return `# bash completion for anomalyd
_anomalyd() {
  local word words='' path='' current=\${COMP_WORDS[COMP_CWORD]} i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$word" in
      -*) ;;
      ${[...new Set(everyName(manual))].join(' | ')}) path=\${path:+$path }$word ;;
    esac
  done
  case "$path" in
${cases(manual).join('\n')}
  esac
  if [[ $current == -* || ($COMP_CWORD -eq 1) ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -W "\${words//-*/}" -- "$current"; compgen -f -- "$current")
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _anomalyd anomalyd
`;
}

function everyName({ path, commands }: Manual): string[] {
  return [...path.slice(-1), ...commands.flatMap(everyName)];
}

const [, program = '', cli, what] = process.argv;
if (program.endsWith('manual.js') && cli !== undefined) {
  const ask = (args: readonly string[]) => execFileSync(process.execPath, [cli, ...args], { encoding: 'utf8' });
  const manual = readManual(ask);
  process.stdout.write(what === 'completion' ? bashCompletion(manual) : manPage(manual, ask(['--version']).trim()));
}
