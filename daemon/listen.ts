/** Addresses to listen at, as the config writes them: `127.0.0.1:9464`, `[::1]:9464`, `:9464`. */

export interface Listen {
  /** Undefined = every address of this host. */
  readonly host?: string;
  readonly port: number;
}

/** Undefined when the text is none, `off` included. */
export function parseListen(listen: string): Listen | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(listen);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return undefined;
  const host = match[1] ?? match[2];
  return host === undefined || host === '' ? { port } : { host, port };
}
