/** What long work tells people while it runs: bars on a terminal, plain lines elsewhere. */
import cliProgress from 'cli-progress';

/** One piece of long work. */
export interface Task {
  /** @param done of the task's total @param detail short text beside the bar */
  update(done: number, detail: string): void;
  /** Takes the bar away. */
  end(): void;
}

/** Where programs tell what they do; a test hands in `silent`. */
export interface Progress {
  line(text: string): void;
  task(title: string, total: number): Task;
}

export const silent: Progress = {
  line: () => {},
  task: () => ({ update: () => {}, end: () => {} }),
};

/** Plain lines say so much of a task: one at each tenth of the way. */
const plainSteps = 10;

export function progressOn(stream: NodeJS.WriteStream): Progress {
  // Over the bar, which comes again below it.
  const line = (text: string) => void stream.write(`${stream.isTTY ? '\r\x1b[2K' : ''}${text}\n`);
  return {
    line,
    task: stream.isTTY ? (title, total) => bar(stream, title, total) : (title, total) => lines(line, title, total),
  };
}

function bar(stream: NodeJS.WriteStream, title: string, total: number): Task {
  const bar = new cliProgress.SingleBar({
    stream,
    format: `${title} {bar} {percentage}% {detail}`,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
  });
  bar.start(total, 0, { detail: '' });
  return { update: (done, detail) => bar.update(Math.min(done, total), { detail }), end: () => bar.stop() };
}

function lines(line: (text: string) => void, title: string, total: number): Task {
  let shown = 0;
  return {
    update: (done, detail) => {
      const step = Math.floor((plainSteps * done) / total);
      if (step <= shown) return;
      shown = step;
      line(`${title}: ${Math.min(100, Math.round((100 * done) / total))} % ${detail}`.trimEnd());
    },
    end: () => {},
  };
}
