import assert from 'node:assert/strict';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { systemClock } from '../../../src/core/base/clock.ts';
import type { HttpResponse, HttpTransport } from '../../../src/core/http/httpTransport.ts';
import { Transcript } from '../../../src/core/transcript/transcript.ts';
import { exchangeAsCurl, flowAsMarkdown } from '../../../src/core/transcript/transcriptText.ts';
import { createFlowScope } from '../../../src/platform/flowScope.ts';

const secrets = ['s3cret', 'def50200abc', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.sig', 'patient-uuid'];
const token = `{"access_token":"${secrets[2]}","refresh_token":"${secrets[1]}","patient":"${secrets[3]}"}`;

const answer = (status: number, text: string, headers: Record<string, string> = {}): HttpResponse => ({
  ...{ status, text, durationMs: 5 },
  headers: new Headers({ 'content-type': 'application/json', ...headers }),
});

function transcriptOver(answers: Record<string, HttpResponse | WorkbenchError>) {
  const transcript = new Transcript(createFlowScope(), systemClock);
  const transport: HttpTransport = {
    send: ({ url }) => {
      const found = Object.entries(answers).find(([part]) => url.includes(part))?.[1] ?? answer(404, '');
      return found instanceof WorkbenchError ? Promise.reject(found) : Promise.resolve(found);
    },
    stream: () => Promise.reject(new TypeError('unused')),
  };
  return { transcript, transport: transcript.wrap(transport) };
}

const base = 'https://emr.test';
const tokenRequest = {
  method: 'POST',
  url: `${base}/oauth2/default/token`,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: `grant_type=authorization_code&code=${secrets[1]}&client_secret=${secrets[0]}`,
} as const;
const fhirRequest = {
  method: 'GET',
  url: `${base}/apis/default/fhir/Patient?_count=1`,
  headers: { authorization: `Bearer ${secrets[2]}` },
} as const;

describe('The transcript', () => {
  it('remembers every request of a flow, and none outside of one', async () => {
    const { transcript, transport } = transcriptOver({ '/token': answer(200, token) });
    await transport.send(tokenRequest);
    await transcript.record('login', 'clinic', () => transport.send(tokenRequest));
    const [flow] = transcript.flows('clinic');
    assert.equal(flow?.kind, 'login');
    assert.equal(flow.exchanges.length, 1);
    assert.deepEqual(transcript.flows('other'), []);
  });

  it('keeps flows apart that run at the same time', async () => {
    const { transcript, transport } = transcriptOver({ '/token': answer(200, token) });
    const send = async () => {
      await Promise.resolve();
      await transport.send(tokenRequest);
    };
    await Promise.all([
      transcript.record('refresh', 'a', send),
      transcript.record('refresh', 'b', async () => {
        await send();
        await send();
      }),
    ]);
    assert.deepEqual(
      ['a', 'b'].map((id) => transcript.flows(id)[0]?.exchanges.length),
      [1, 2],
    );
  });

  it('holds nothing of what a flow sets off outside of it', async () => {
    const { transcript, transport } = transcriptOver({ '/token': answer(200, token) });
    let later: Promise<unknown> = Promise.resolve();
    const lookAround = async () => {
      await transport.send(fhirRequest);
      await new Promise((tick) => setTimeout(tick, 5));
      await transport.send(fhirRequest);
    };
    await transcript.record('refresh', 'clinic', async () => {
      transcript.outside(() => {
        later = lookAround();
      });
      await transport.send(tokenRequest);
    });
    await later;
    assert.deepEqual(
      transcript.flows('clinic')[0]?.exchanges.map(({ method }) => method),
      ['POST'],
    );
  });

  it('holds no secret, token or patient, neither as Markdown nor as curl', async () => {
    const { transcript, transport } = transcriptOver({
      '/token': answer(200, token),
      '/fhir/': answer(200, '{"resourceType":"Bundle","entry":[{"name":"Anna Almeida"}]}'),
    });
    await transcript.record('login', 'clinic', async () => {
      await transport.send(tokenRequest);
      await transport.send(fhirRequest);
    });
    const [flow] = transcript.flows('clinic');
    assert.ok(flow);
    const text = `${flowAsMarkdown(flow)}\n${flow.exchanges.map(exchangeAsCurl).join('\n')}\n${JSON.stringify(flow)}`;
    for (const secret of [...secrets, 'Anna Almeida']) assert.ok(!text.includes(secret), secret);
    assert.match(text, /grant_type=authorization_code/);
  });

  it('writes a curl that a shell reads as one command', async () => {
    const { transcript, transport } = transcriptOver({});
    const request = { ...tokenRequest, body: "name=O'Neil&grant_type=refresh_token" };
    await transcript.record('refresh', 'clinic', () => transport.send(request));
    const curl = exchangeAsCurl(transcript.flows('clinic')[0]!.exchanges[0]!);
    assert.match(curl, /^curl -i \\\n {2}-X POST \\\n {2}'https:\/\/emr\.test\/oauth2\/default\/token'/);
    assert.match(curl, /'name=O'\\''Neil&grant_type=refresh_token'$/);
  });

  it('says what failed last, by what the server said', async () => {
    const refusal = '{"error":"invalid_client","message":"Client authentication failed"}';
    const { transcript, transport } = transcriptOver({ '/token': answer(401, refusal) });
    const failing = transcript.record('login', 'clinic', async () => {
      await transport.send(tokenRequest);
      throw new WorkbenchError('grant/client-refused');
    });
    await assert.rejects(failing, { code: 'grant/client-refused' });
    const failure = transcript.lastFailure('clinic');
    assert.equal(failure?.flow, 'login');
    assert.equal(failure.evidence.step, 'token');
    assert.equal(failure.evidence.error, 'invalid_client');
  });

  it('forgets a failure once a login succeeded, and never counts what people cancelled', async () => {
    const { transcript } = transcriptOver({});
    const fail = (code: 'refresh/refused' | 'authorization/cancelled') => () =>
      Promise.reject(new WorkbenchError(code));
    await transcript.record('refresh', 'clinic', fail('refresh/refused')).catch(() => undefined);
    assert.equal(transcript.lastFailure('clinic')?.flow, 'refresh');
    await new Promise((tick) => setTimeout(tick, 5));
    await transcript.record('login', 'clinic', () => Promise.resolve());
    assert.equal(transcript.lastFailure('clinic'), undefined);
    await transcript.record('login', 'clinic', fail('authorization/cancelled')).catch(() => undefined);
    assert.equal(transcript.lastFailure('clinic'), undefined);
  });

  it('does not hold a failure at a former address against the present one', async () => {
    let address = 'https://former.test';
    const transcript = new Transcript(createFlowScope(), systemClock, () => address);
    const refused = () => Promise.reject(new WorkbenchError('refresh/refused'));
    await transcript.record('refresh', 'clinic', refused).catch(() => undefined);
    assert.equal(transcript.lastFailure('clinic')?.flow, 'refresh');
    address = 'https://emr.test';
    assert.equal(transcript.lastFailure('clinic'), undefined);
  });

  it('notes a request that never got an answer', async () => {
    const { transcript, transport } = transcriptOver({ '/token': new WorkbenchError('network/refused') });
    await transcript.record('login', 'clinic', () => transport.send(tokenRequest)).catch(() => undefined);
    assert.equal(transcript.flows('clinic')[0]?.exchanges[0]?.errorCode, 'network/refused');
  });
});
