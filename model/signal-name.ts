/** What a signal is called that a recording names in words of its own. */

/** A column's header as a name that bundles, topics and metrics take: `Volume Flow (l/min)` -> `Volume_Flow_l_min_`. */
export function signalName(column: string): string {
  return column.replace(/[^A-Za-z0-9_.-]+/g, '_').replace(/^[^A-Za-z0-9]+/, '') || 'signal';
}
