/** Validators of our messages, by ajv from the JSON Schemas that the docs show. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { jsonSchema, messageKinds } from '../../../daemon/message/reference.js';

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
const validators = new Map<string, ValidateFunction>(
  messageKinds.map((kind) => [kind.name, ajv.compile(jsonSchema(kind))]),
);

/** What is wrong with a message by its schema; empty = nothing. */
export function problems(name: string, message: unknown): readonly string[] {
  const validate = validators.get(name);
  if (validate === undefined) throw new Error(`no such message: ${name}`);
  validate(message);
  return (validate.errors ?? []).map(({ instancePath, message: text }) => `${instancePath}: ${text}`);
}
