/** placeholder */
import type { Evaluation } from './evaluate.js';
export async function pageOf(_: Evaluation): Promise<string> {
  return '';
}
