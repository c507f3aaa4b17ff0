/** What long work tells people while it runs: bars on a terminal, plain lines elsewhere. */
import cliProgress from 'cli-progress';
export const silent = {
    line: () => { },
    task: () => ({ update: () => { }, end: () => { } }),
};
/** Plain lines say so much of a task: one at each tenth of the way. */
const plainSteps = 10;
export function progressOn(stream) {
    const line = (text) => void stream.write(`${text}\n`);
    return {
        line,
        task: stream.isTTY ? (title, total) => bar(stream, title, total) : (title, total) => lines(line, title, total),
    };
}
function bar(stream, title, total) {
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
function lines(line, title, total) {
    let shown = 0;
    return {
        update: (done, detail) => {
            const step = Math.floor((plainSteps * done) / total);
            if (step <= shown)
                return;
            shown = step;
            line(`${title}: ${Math.min(100, Math.round((100 * done) / total))} % ${detail}`.trimEnd());
        },
        end: () => { },
    };
}
