#!/usr/bin/env node
/** `anomalyd-simulate`: a simulated plant to record or to listen to. */
import { runCommand } from './command-line.js';
import { simulateProgram } from './commands.js';
process.exitCode = await runCommand(simulateProgram(), process.argv.slice(2));
