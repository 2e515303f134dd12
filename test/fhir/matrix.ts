// npm run fhir:matrix [-- --json FILE]: ten sets of granted scopes in both eras, each verdict against the sandbox's rules.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { eraNames } from '../../src/sandbox/era.ts';
import { runMatrixIn } from './matrixRun.ts';

const shownLines = 20;
const { values } = parseArgs({ options: { json: { type: 'string' } } });
const runs = [];
for (const era of eraNames) runs.push(await runMatrixIn(era));
const wrong = runs.flatMap((run) => run.wrong);
const leaks = runs.flatMap((run) => run.phiLeaks);
for (const line of [...wrong, ...leaks].slice(0, shownLines)) console.error(line);
const cells = runs.reduce((sum, run) => sum + run.cells, 0);
const result = JSON.stringify({ cells, wrong: wrong.length, phiLeaks: leaks.length });
if (values.json) await writeFile(values.json, `${result}\n`);
console.log(result);
if (wrong.length + leaks.length > 0) process.exitCode = 1;
