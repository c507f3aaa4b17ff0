/** The one error that is a user's to mend: it says what is wrong, where, and what to do. */

/** Where a problem stands: a file, and the line or the path of keys inside it where known. */
export interface Place {
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** Keys from the document's root, e.g. `inputs[0].topic`. */
  readonly key?: string;
}

/** `config.yaml:12 (inputs[0].topic)`, or an empty string for an unknown place. */
export function formatPlace(place: Place): string {
  const file = place.file === undefined ? '' : place.line === undefined ? place.file : `${place.file}:${place.line}`;
  if (place.key === undefined || place.key === '') return file;
  return file === '' ? place.key : `${file} (${place.key})`;
}

/**
 * A bad config, bundle, recording or broker: `message` says what, `place` where, `remedy` what to do about it.
 * Programs print it as one paragraph without a stack and exit with `UserError.exitCode`.
 * Anything that is not a `UserError` is a bug: let it crash. Never put a secret in any of the three texts.
 */
export class UserError extends Error {
  /** sysexits' EX_CONFIG; the systemd unit does not restart on it. */
  static readonly exitCode = 78;
  override readonly name = 'UserError';

  constructor(
    readonly problem: string,
    readonly place: Place = {},
    readonly remedy = '',
    options?: ErrorOptions,
  ) {
    const where = formatPlace(place);
    super(`${where === '' ? '' : `${where}: `}${problem}${remedy === '' ? '' : ` ${remedy}`}`, options);
  }
}
