// npm run soak -- [--seeds N] [--days N] [--seconds N] [--json FILE]: months of windows in simulated time, then real
// processes that are killed while they refresh. Ends with status 1 where a session or a token was lost without need.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Processes } from './processes.ts';
import { Random } from './random.ts';
import { Simulation, type SimulationReport } from './simulation.ts';
import { soakProblems, soakReport } from './soakReport.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    days: { type: 'string', default: '90' },
    seconds: { type: 'string', default: '60' },
    json: { type: 'string' },
  },
});

const simulations: SimulationReport[] = [];
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const start = performance.now();
  const report = await new Simulation(seed, Number(values.days)).run();
  simulations.push(report);
  const { refreshes, periods, forcedLogins, replaysSeenByServer, reasons } = report;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `seed ${seed}: ${refreshes} refreshes in ${periods} periods, ${forcedLogins} forced logins, ` +
      `${replaysSeenByServer} replays, lost by construction: ${JSON.stringify(reasons)} (${seconds} s)`,
  );
}
const processes = new Processes(new Random(1));
const killed = await processes.run(Number(values.seconds) * 1000);
console.log(`processes: ${JSON.stringify(killed)}, longest recovery ${processes.longestRecoveryMs} ms`);

const report = soakReport(simulations, killed);
console.log(JSON.stringify(report));
if (values.json) await writeFile(values.json, `${JSON.stringify(report)}\n`);
for (const problem of soakProblems(report)) {
  console.error(`Not as it should be: ${problem}.`);
  process.exitCode = 1;
}
