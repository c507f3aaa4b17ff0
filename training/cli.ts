#!/usr/bin/env node
/** Entry of `anomalyd-train`: commands, and what becomes of their errors. */
import { Command } from 'commander';
import { UserError } from '../model/errors.js';
import { backendCommand } from './commands/backend.js';
import { classifyCommand } from './commands/classify.js';
import { evaluateCommand } from './commands/evaluate.js';
import { exportCommand } from './commands/export.js';
import { fitCommand } from './commands/fit.js';
import { reportCommand } from './commands/report.js';
import { synthCommand } from './commands/synth.js';

const program = new Command('anomalyd-train')
  .description('teaches anomalyd what normal is')
  .addCommand(fitCommand())
  .addCommand(classifyCommand())
  .addCommand(synthCommand())
  .addCommand(evaluateCommand())
  .addCommand(reportCommand())
  .addCommand(exportCommand())
  .addCommand(backendCommand())
  .showHelpAfterError();

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`anomalyd-train: ${error.message}\n`);
  process.exitCode = UserError.exitCode;
}
