/** The smallest program that the units can run: the daemon's own notifier and watchdog, and a mode (STAND_IN) for each way to go wrong. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createNotifier } from './daemon/notify.js';
import { Watchdog } from './daemon/watchdog.js';
import { systemClock } from './model/clock.js';

const { STAND_IN: mode = '', STATE_DIRECTORY: state, CREDENTIALS_DIRECTORY: credentials } = process.env;
if (mode === '78') {
  console.error('config.yaml:3 (broker.url): is no URL');
  process.exit(78);
}
if (mode === 'crash') process.exit(1);

const attempt = (what) => {
  try {
    return what() ?? 'done';
  } catch (error) {
    return error.code;
  }
};
const reach = (host) =>
  new Promise((resolve) => {
    const socket = connect({ host, port: 9, timeout: 300 });
    for (const event of ['connect', 'timeout']) socket.on(event, () => resolve(event));
    socket.on('error', (error) => resolve(error.code));
  });

const seen = {
  arguments: process.argv.slice(2),
  uid: process.getuid(),
  credential: attempt(() => readFileSync(`${credentials}/secret_mqtt`, 'utf8')),
  secretFolder: attempt(() => readdirSync('/etc/anomalyd/secret')),
  writeEtc: attempt(() => writeFileSync('/etc/anomalyd/config.yaml', '')),
  writeUsr: attempt(() => writeFileSync('/usr/lib/anomalyd/x', '')),
  writeState: attempt(() => writeFileSync(`${state}/x`, '')),
  shell: spawnSync('/bin/sh', ['-c', 'true']).error?.code ?? 'ran',
  privateNetwork: await reach('10.9.8.7'),
  internet: await reach('203.0.113.7'),
};
writeFileSync(`${state}/seen.json`, JSON.stringify(seen));
appendFileSync(`${state}/log`, 'start\n');

const notifier = createNotifier({ env: process.env, pid: process.pid, clock: systemClock, onError: console.error });
const work = { due: 0, done: 0 };
const watchdog = new Watchdog(notifier, systemClock, [{ name: 'worker', due: () => work.due, done: () => work.done }]);
setInterval(() => {
  work.due++;
  if (mode !== 'stuck') work.done++;
}, 50);
if (mode === 'hungry') {
  const kept = [];
  setInterval(() => kept.push(Buffer.alloc(20e6, 1)), 100);
}
if (mode === 'block') setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 500);

let reloads = 0;
process.on('SIGHUP', () => {
  notifier.reloading();
  setTimeout(() => notifier.ready(`reloaded ${++reloads}`), 300);
});
process.on('SIGTERM', () => {
  notifier.stopping('draining');
  setTimeout(() => {
    appendFileSync(`${state}/log`, 'drained\n');
    process.exit(0);
  }, 300);
});
watchdog.start();
notifier.ready('scoring');
