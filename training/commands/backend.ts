/** `anomalyd-train backend`: gets the native TensorFlow if it can be had, and says what serves. */
import { Command } from 'commander';
import { progressOn } from '../progress.js';
import { loadTensorFlow } from '../tensorflow/load.js';

export function backendCommand(
  print: (text: string) => void = (text) => void process.stdout.write(`${text}\n`),
): Command {
  return new Command('backend')
    .description(
      'get the native TensorFlow, if this machine can have it, and say which backend trains ($ANOMALYD_TF=auto|native|wasm)',
    )
    .action(async () => {
      const { description } = await loadTensorFlow({ progress: progressOn(process.stderr), retry: true });
      print(description);
    });
}
