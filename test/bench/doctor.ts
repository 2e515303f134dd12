import { runDoctor } from '../../src/core/doctor/doctor.ts';
import type { HttpRequest, HttpTransport } from '../../src/core/http/httpTransport.ts';
import { DoctorsPatient } from '../doctor/patient.ts';
import { figure, median, timed, type Figure } from './figure.ts';

const rounds = 31;
const warmUps = 20;
const limitRatio = 1.5;

/** The requests of a run, in the waves in which they depend on each other: documents first, then all others. */
async function wavesOf(patient: DoctorsPatient): Promise<HttpRequest[][]> {
  const sent: HttpRequest[] = [];
  const options = patient.options();
  const transport: HttpTransport = {
    ...options.transport,
    send: (request) => {
      sent.push(request);
      return options.transport.send(request);
    },
  };
  await runDoctor({ ...options, transport });
  const plain = sent.map((request): HttpRequest => ({ ...request, signal: undefined }));
  const isDocument = ({ url }: HttpRequest): boolean => /\.well-known|\/metadata|\/version$/.test(url);
  return [plain.filter(isDocument), plain.filter((request) => !isDocument(request))];
}

/** What a script would do: name, connection, the documents as JSON, then everything else at once. */
async function byHand(patient: DoctorsPatient, waves: readonly HttpRequest[][]): Promise<void> {
  const { transport, network } = patient.options();
  const { hostname, port } = new URL(patient.sandbox.baseUrl);
  const signal = new AbortController().signal;
  await network.resolve(hostname, signal);
  await network.connect(hostname, Number(port), signal);
  for (const wave of waves) {
    const answers = await Promise.all(wave.map((request) => transport.send(request)));
    for (const { text } of answers) if (text.startsWith('{')) JSON.parse(text);
  }
}

/** A whole run of the doctor against the same requests fired by hand. */
export async function measureDoctor(): Promise<Figure[]> {
  const patient = await DoctorsPatient.admit('8.2');
  try {
    await patient.logIn();
    const waves = await wavesOf(patient);
    const doctor: number[] = [];
    const hand: number[] = [];
    for (let round = 0; round < rounds + warmUps; round++) {
      const turns = [
        async () => doctor.push(await timed(() => patient.examine())),
        async () => hand.push(await timed(() => byHand(patient, waves))),
      ];
      // In turns, so that a busy machine slows both.
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
    }
    const baseline = {
      name: `the same ${waves.flat().length} requests by hand`,
      value: median(hand.slice(warmUps)),
    };
    const took = median(doctor.slice(warmUps));
    return [figure('Run of the doctor', 'ms', took, baseline, limitRatio * baseline.value)];
  } finally {
    await patient.discharge();
  }
}
