import type { ProcessesReport } from './processes.ts';
import type { SimulationReport } from './simulation.ts';

/** What `npm run soak` writes. */
export interface SoakReport {
  readonly seeds: number;
  readonly days: number;
  readonly windows: number;
  readonly refreshes: number;
  readonly periods: number;
  readonly forcedLogins: number;
  readonly forcedByConstruction: number;
  readonly replaysSeenByServer: number;
  readonly processes: ProcessesReport;
}

export function soakReport(simulations: readonly SimulationReport[], processes: ProcessesReport): SoakReport {
  const sum = (count: (report: SimulationReport) => number) =>
    simulations.reduce((total, report) => total + count(report), 0);
  return {
    seeds: simulations.length,
    days: simulations[0]?.days ?? 0,
    windows: simulations[0]?.windows ?? 0,
    refreshes: sum(({ refreshes }) => refreshes),
    periods: sum(({ periods }) => periods),
    forcedLogins: sum(({ forcedLogins }) => forcedLogins),
    forcedByConstruction: sum(({ forcedByConstruction }) => forcedByConstruction),
    replaysSeenByServer: sum(({ replaysSeenByServer }) => replaysSeenByServer),
    processes,
  };
}

/** What must not be, in words; empty where all is well. */
export function soakProblems(report: SoakReport): string[] {
  const { seeds, refreshes, periods, forcedLogins, replaysSeenByServer, processes } = report;
  const problems: [boolean, string][] = [
    [seeds === 0 || refreshes === 0, 'nothing was simulated'],
    [forcedLogins > 0, `${forcedLogins} forced logins`],
    [replaysSeenByServer > 0, `${replaysSeenByServer} replays of a rotated token`],
    [refreshes !== periods, `${refreshes} refreshes in ${periods} periods`],
    [processes.kills === 0 || processes.tokenRequests === 0, 'no process was killed or none refreshed'],
    [processes.replays > 0, `${processes.replays} replays by real processes`],
    [processes.lostSessions > 0, `${processes.lostSessions} sessions lost by real processes`],
  ];
  return problems.filter(([is]) => is).map(([, text]) => text);
}
