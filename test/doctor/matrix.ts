// node test/doctor/matrix.ts [--json FILE]: every fault, in each era where it exists, and what the doctor names.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { recordingsFolder } from '../wire/recordings.ts';
import { recordedErrors } from '../unit/doctor/recordedErrors.ts';
import { startSandbox } from '../../src/sandbox/sandboxServer.ts';
import { makeCertificate } from '../fakes/certificates.ts';
import { DoctorsPatient, examineAddress, type EraName } from './patient.ts';
import { erasOf, firstOf, pairedFaults, play, scenarios } from './scenarios.ts';

interface MatrixResult {
  faults: number;
  right: number;
  falseAlarms: number;
  pairs: number;
  pairsRight: number;
  recordedErrors: number;
  recordedSpecific: number;
}

const eras: readonly EraName[] = ['7.0', '8.2'];
const result: MatrixResult = {
  faults: 0,
  right: 0,
  falseAlarms: 0,
  pairs: 0,
  pairsRight: 0,
  recordedErrors: 0,
  recordedSpecific: 0,
};

const mark = (isRight: boolean): string => (isRight ? '✓' : '✗');
const line = (isRight: boolean, era: string, what: string, named: string): void =>
  console.log(`${mark(isRight)} ${era}  ${what.padEnd(52)} ${named}`);

async function faults(): Promise<void> {
  for (const scenario of scenarios) {
    for (const era of erasOf(scenario)) {
      const { check, rule, isRight } = await play(scenario, era);
      result.faults++;
      if (isRight) result.right++;
      line(isRight, era, `${scenario.fault} (${scenario.tag})`, `${check}: ${rule}`);
    }
  }
}

/** Nothing is wrong: in each era, for each client type, the doctor may name nothing. */
async function health(): Promise<void> {
  for (const era of eras) {
    for (const clientType of ['confidential', 'public'] as const) {
      const patient = await DoctorsPatient.admit(era, clientType);
      try {
        await patient.logIn();
        const { results } = await patient.examine();
        const alarms = results.filter(({ status }) => status === 'fail' || status === 'warn');
        result.falseAlarms += alarms.length;
        const named = alarms.map(({ id, diagnosis }) => `${id}: ${diagnosis?.rule.id ?? 'none'}`);
        line(alarms.length === 0, era, `healthy, ${clientType} client`, named.join(', ') || 'nothing');
      } finally {
        await patient.discharge();
      }
    }
  }
}

/** The certificate of the developers' container: no fault of the sandbox, but how it is started. */
async function selfSigned(): Promise<void> {
  const { key, cert } = await makeCertificate();
  for (const era of eras) {
    const sandbox = await startSandbox({ era, tls: { key, cert } });
    const { check, rule } = firstOf(await examineAddress(sandbox.baseUrl));
    await sandbox.stop();
    const isRight = check === 'tls' && rule === 'certificate-self-signed';
    result.faults++;
    if (isRight) result.right++;
    line(isRight, era, 'self-signed certificate (doctor)', `${check}: ${rule}`);
  }
}

async function pairs(): Promise<void> {
  for (const era of eras) {
    const patient = await DoctorsPatient.admit(era);
    try {
      await patient.logIn();
      for (const [index, deeper] of pairedFaults.entries()) {
        for (const shallower of pairedFaults.slice(index + 1)) {
          await patient.fall(deeper.fault);
          await patient.fall(shallower.fault);
          const named = firstOf(await patient.examine());
          await patient.recover(deeper.fault);
          await patient.recover(shallower.fault);
          const isRight = named.check === deeper.check && named.rule === deeper.rule;
          result.pairs++;
          if (isRight) result.pairsRight++;
          line(isRight, era, `${deeper.fault} + ${shallower.fault}`, `${named.check}: ${named.rule}`);
        }
      }
    } finally {
      await patient.discharge();
    }
  }
}

function recordings(): void {
  const folder = recordingsFolder();
  if (!folder) {
    console.log('The recordings are not here (OPENEMR_WIRE): recorded answers are not counted.');
    return;
  }
  for (const { era, evidence, diagnosis } of recordedErrors(folder)) {
    const isSpecific = diagnosis !== undefined && !diagnosis.rule.isGeneric;
    result.recordedErrors++;
    if (isSpecific) result.recordedSpecific++;
    const answer = `${evidence.step} ${evidence.status ?? ''} ${evidence.said?.slice(-40) ?? evidence.body ?? ''}`;
    if (!isSpecific) line(false, era, answer, diagnosis?.rule.id ?? 'none');
  }
}

const { values } = parseArgs({ options: { json: { type: 'string' } } });
await health();
await faults();
await selfSigned();
await pairs();
recordings();
console.log(JSON.stringify(result));
if (values.json) await writeFile(values.json, `${JSON.stringify(result)}\n`);
const isGood =
  result.right >= 0.95 * result.faults &&
  result.falseAlarms === 0 &&
  result.pairsRight === result.pairs &&
  result.recordedSpecific === result.recordedErrors;
process.exitCode = isGood ? 0 : 1;
