/** The one error that is a user's to mend: it says what is wrong, where, and what to do. */
/** `config.yaml:12 (inputs[0].topic)`, or an empty string for an unknown place. */
export function formatPlace(place) {
    const file = place.file === undefined ? '' : place.line === undefined ? place.file : `${place.file}:${place.line}`;
    if (place.key === undefined || place.key === '')
        return file;
    return file === '' ? place.key : `${file} (${place.key})`;
}
/**
 * A bad config, bundle, recording or broker: `message` says what, `place` where, `remedy` what to do about it.
 * Programs print it as one paragraph without a stack and exit with `UserError.exitCode`.
 * Anything that is not a `UserError` is a bug: let it crash. Never put a secret in any of the three texts.
 */
export class UserError extends Error {
    problem;
    place;
    remedy;
    /** sysexits' EX_CONFIG; the systemd unit does not restart on it. */
    static exitCode = 78;
    name = 'UserError';
    constructor(problem, place = {}, remedy = '', options) {
        const where = formatPlace(place);
        super(`${where === '' ? '' : `${where}: `}${problem}${remedy === '' ? '' : ` ${remedy}`}`, options);
        this.problem = problem;
        this.place = place;
        this.remedy = remedy;
    }
}
//# sourceMappingURL=errors.js.map