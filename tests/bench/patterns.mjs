// SPDX-License-Identifier: GPL-3.0-or-later
// tests/bench/patterns.mjs - Strudel beside phonon: node patterns.mjs FOLDER EXPRESSION..., where
// FOLDER holds node_modules/@strudel. A line "index cycles seconds" is answered by "onsets of a
// pass, passes, CPU seconds": the cycles are queried one by one, all again until the time is used.
import { register } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// The library asks for a synthesis engine that only browsers can load; patterns need none of it.
const hooks = `export const resolve = (name, context, next) => name === '@kabelsalat/web'
  ? { url: 'data:text/javascript,export class SalatRepl {}', shortCircuit: true }
  : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const [folder, ...texts] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(`${folder}/node_modules/${path}`));
console.log = () => {}; // the library greets
const core = await load('@strudel/core/dist/index.mjs');
const { mini } = await load('@strudel/mini/dist/index.mjs');
core.setStringParser(mini);
const names = { ...core, mini };
const patterns = texts.map((text) => new Function(...Object.keys(names), `return ${text};`)(
  ...Object.values(names)));

const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e-6;
};

const onsets = (pattern, n) => {
  let count = 0;
  for (let c = 0; c < n; c++)
    for (const hap of pattern.queryArc(c, c + 1)) count += hap.hasOnset();
  return count;
};

for await (const line of createInterface({ input: process.stdin })) {
  const [i, n, limit] = line.split(' ').map(Number);
  const begin = seconds();
  let count, passes = 0, used;
  do {
    count = onsets(patterns[i], n);
    passes++;
    used = seconds() - begin;
  } while (used < limit);
  process.stdout.write(`${count} ${passes} ${used}\n`);
}
