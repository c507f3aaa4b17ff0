/** The stages of the daemon's work that its watchdog looks at, from the socket to the result. */
import type { Connection } from './connection.js';
import type { Embedded } from './embedded.js';
import type { Engine } from './engine.js';
import type { Stage } from './watchdog.js';

/** The parts of `Daemon` that must move. */
interface Working {
  readonly connection: Pick<Connection, 'progress'>;
  readonly embedded: Pick<Embedded, 'progress'>;
  readonly engine: Pick<Engine, 'asked' | 'answered' | 'progress'>;
}

/** An absent broker and a silent plant owe nothing, and stop none of them. What comes in and is not dealt with does. */
export function stagesOf({ connection, embedded, engine }: Working): Stage[] {
  return [
    stage('intake from the broker', () => connection.progress),
    stage('intake from the embedded broker', () => embedded.progress),
    { name: 'the scoring thread', due: () => engine.asked, done: () => engine.answered },
    stage('scoring', () => engine.progress),
  ];
}

function stage(name: string, progress: () => { readonly due: number; readonly done: number }): Stage {
  return { name, due: () => progress().due, done: () => progress().done };
}
