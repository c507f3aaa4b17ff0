/** What signals do to the daemon: SIGTERM and SIGINT end it, a second one at once; SIGHUP reads the config again. */
/** Conventional exit codes of a process that a signal ended. */
const interrupted = { SIGINT: 130, SIGTERM: 143 };
/**
 * Installs the handlers. Signals that come before there is a daemon are kept until there is one.
 * @param daemon resolves when the daemon has started
 * @param exit ends the process
 */
export function handleSignals(daemon, source, exit) {
    let stopping = false;
    for (const signal of ['SIGINT', 'SIGTERM'])
        source.on(signal, () => {
            if (stopping)
                return exit(interrupted[signal]);
            stopping = true;
            void daemon.then((running) => running.stop()).then(() => exit(0));
        });
    source.on('SIGHUP', () => void daemon.then((running) => running.reload()));
}
//# sourceMappingURL=lifecycle.js.map