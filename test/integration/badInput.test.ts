import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { PresentedError, TestReport } from '../../src/protocol/viewModels.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { host } from '../fakes/vscode.ts';
import { HostileServer, type Answer } from '../fakes/hostileServer.ts';
import { admin, draftFor, enableClient, WorkbenchWindow } from '../adapters/workbenchWindow.ts';

const marker = 'pwned-by-the-server';
const json = { 'content-type': 'application/json' };

const says =
  (text: string, headers: Record<string, string> = json, status = 200): Answer =>
  (_request, response) =>
    response.writeHead(status, headers).end(text);

/** Every way in which an answer can be nonsense. */
const nonsense: Record<string, Answer> = {
  'a web page': says(`<!DOCTYPE html><title>${marker}</title>`, { 'content-type': 'text/html' }),
  'a web page that calls itself JSON': says(`<html><script>${marker}</script>`),
  nothing: says(''),
  'a cut JSON': says(`{"issuer":"${marker}","token_endpoint":`),
  'a list': says('[1,2,3]'),
  null: says('null'),
  'members of other types': says(
    JSON.stringify({
      ...{ issuer: 7, authorization_endpoint: [], token_endpoint: {}, client_id: { a: marker } },
      ...{
        access_token: 5,
        token_type: true,
        expires_in: 'soon',
        keys: 'none',
        resourceType: 3,
        entry: marker,
      },
    }),
  ),
  'a depth that overflows': says('['.repeat(200_000)),
  'a prototype': says(`{"__proto__":{"issuer":"${marker}"},"constructor":{"prototype":{"x":"${marker}"}}}`),
  'letters that do not exist': says('\u0000\ufeff\ufffe{"issuer":"\\ud800"}'),
  'more than it announced': (_request, response) => {
    response.writeHead(200, { ...json, 'content-length': '5000' });
    response.write('{"issuer":');
    setTimeout(() => response.destroy(), 20);
  },
  'six megabytes': says(`"${'x'.repeat(6 * 1024 * 1024)}"`),
  'no byte': (_request, response) => response.destroy(),
  'a failure with a stack': says(
    `Fatal error: ${marker} in /var/www/openemr.php`,
    { 'content-type': 'text/html' },
    500,
  ),
  'a rate limit': says(marker, { 'retry-after': '3600' }, 429),
};

describe('An OpenEMR whose answers make no sense', () => {
  let sandbox: RunningSandbox;
  let hostile: HostileServer;
  let stranger: Server;
  let strangerUrl: string;
  let strangerHits = 0;
  let window: WorkbenchWindow;

  before(async () => {
    stranger = createServer((_request, response) => {
      strangerHits += 1;
      response.end('{}');
    });
    await new Promise<void>((listening) => stranger.listen(0, '127.0.0.1', listening));
    strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  });
  after(() => void stranger.close());

  beforeEach(async () => {
    strangerHits = 0;
    sandbox = await startSandbox({ era: '8.2' });
    hostile = await HostileServer.before(sandbox);
    window = await WorkbenchWindow.open();
    await window.openPanel();
  });
  afterEach(async () => {
    await window.close();
    await hostile.close();
    await sandbox.stop();
  });

  const draft = (clientId = '') => draftFor(hostile, { clientId });
  const savedText = () => JSON.stringify(host.settings.get('openemr.connections') ?? []);
  const secretsText = () =>
    JSON.stringify([...window.fake.secrets.entries].filter(([key]) => !/pending|audit/i.test(key)).sort());
  const answers = (): Record<string, Answer> => ({
    ...nonsense,
    'a redirect to another host': says('', { location: `${strangerUrl}/elsewhere` }, 302),
    'a redirect that keeps the request': says('', { location: `${strangerUrl}/elsewhere` }, 307),
    'a redirect to itself': says('', { location: '' }, 302),
  });

  /** A window counts how often things are started in it; a new one begins at nought. */
  async function reload(): Promise<void> {
    await window.reload();
    await window.openPanel();
  }

  async function connect(): Promise<string> {
    const registered = await window.request('client.register', { draft: draft(), confirmed: false });
    assert.equal(registered['kind'], 'registered', JSON.stringify(registered));
    await enableClient(sandbox, String(registered['clientId']));
    return String(registered['connectionId']);
  }

  /** A failure that a person can read: three sentences of ours, and nothing of the server's. */
  function assertReadable(error: PresentedError | undefined, what: string): void {
    assert.ok(error, `${what}: no error`);
    assert.notEqual(error.code, 'internal/unexpected', `${what}: ${error.details?.join(' | ') ?? ''}`);
    for (const sentence of [error.happened, error.why, error.remedy]) {
      assert.match(sentence, /^[A-Z{\d"].*\.$/s, `${what}: ${sentence}`);
      assert.doesNotMatch(sentence, new RegExp(`${marker}|[<>]|/var/www`), what);
    }
  }

  const failure = (outcome: Record<string, unknown>): PresentedError | undefined =>
    outcome['kind'] === 'failed' ? (outcome['error'] as PresentedError) : undefined;

  async function eachAnswer(
    path: string,
    attempt: (what: string) => Promise<PresentedError | undefined>,
  ): Promise<void> {
    const [settings, secrets] = [savedText(), secretsText()];
    for (const [what, answer] of Object.entries(answers())) {
      await reload();
      hostile.spoil(path, answer);
      const error = await attempt(what);
      assert.ok(hostile.spoiledCount > 0, `${what}: nobody asked for ${path}`);
      assertReadable(error, what);
      assert.equal(savedText(), settings, what);
      assert.equal(secretsText(), secrets, what);
      assert.equal(strangerHits, 0, what);
    }
    hostile.mend();
  }

  it('is told about when it is discovered', async () => {
    await eachAnswer('/.well-known/openid-configuration', async () =>
      failure(await window.request('connection.discover', { draft: draft() })),
    );
    assert.equal((await window.request('connection.discover', { draft: draft() }))['kind'], 'found');
  }).timeout(60_000);

  for (const path of ['/.well-known/smart-configuration', '/fhir/metadata', '/api/version']) {
    it(`is discovered all the same where only ${path} is nonsense`, async () => {
      for (const [what, answer] of Object.entries(answers())) {
        hostile.spoil(path, answer);
        const found = await window.request('connection.discover', { draft: draft() });
        assert.equal(found['kind'], 'found', `${what}: ${JSON.stringify(found)}`);
        assert.doesNotMatch(JSON.stringify(found), new RegExp(marker), what);
      }
      assert.equal(strangerHits, 0);
    }).timeout(60_000);
  }

  it('does not register a client, and leaves what was saved', async () => {
    await window.request('connection.save', { draft: draft(), confirmed: false });
    await eachAnswer('/registration', async () =>
      failure(await window.request('client.register', { draft: draft(), confirmed: false })),
    );
  }).timeout(60_000);

  for (const path of ['/token', '/jwk']) {
    it(`does not complete a login by its answer at ${path}`, async () => {
      await connect();
      await eachAnswer(path, async () => failure(await window.logIn(admin)));
      await reload();
      assert.equal((await window.logIn(admin))['kind'], 'done');
    }).timeout(120_000);
  }

  it('keeps its session when a refresh is answered so, until OpenEMR really ends it', async () => {
    const connectionId = await connect();
    await window.logIn(admin);
    const tokens = () => window.fake.secrets.entries.has(`openemr.tokens.${connectionId}`);
    for (const [what, answer] of Object.entries(answers())) {
      await reload();
      hostile.spoil('/token', answer);
      const outcome = await window.request('session.refresh');
      assertReadable(failure(outcome), what);
      assert.ok(tokens(), what);
      assert.equal(strangerHits, 0, what);
    }
  }).timeout(60_000);

  it('is signed out of on this computer whatever its logout answers', async () => {
    const connectionId = await connect();
    for (const [what, answer] of Object.entries(answers())) {
      hostile.mend();
      await reload();
      await window.logIn(admin);
      hostile.spoil('/logout', answer);
      const outcome = await window.request('session.logOut');
      assert.notEqual(outcome['kind'], 'cancelled', what);
      assert.equal(window.fake.secrets.entries.has(`openemr.tokens.${connectionId}`), false, what);
      assert.equal(strangerHits, 0, what);
    }
  }).timeout(120_000);

  for (const path of ['/fhir/Patient', '/fhir/metadata', '/.well-known/openid-configuration']) {
    it(`fails the test's rows that depend on ${path}, in words`, async () => {
      await connect();
      await window.logIn(admin);
      const [settings, secrets] = [savedText(), secretsText()];
      for (const [what, answer] of Object.entries(answers())) {
        await reload();
        hostile.spoil(path, answer);
        await window.request('connection.test');
        const { rows } = lastReport();
        const failed = rows.filter(({ result }) => result === 'fail');
        assert.ok(failed.length > 0, what);
        for (const { id, meaning } of failed)
          assert.match(meaning, /^[A-Z\d"{].*\.$/s, `${what}: ${id}: ${meaning}`);
        assert.doesNotMatch(JSON.stringify(rows), new RegExp(marker), what);
        assert.equal(savedText(), settings, what);
        assert.equal(secretsText(), secrets, what);
        assert.equal(strangerHits, 0, what);
      }
    }).timeout(120_000);
  }

  it('that does not answer in ten seconds is said to be slow', async () => {
    hostile.spoil('/.well-known/openid-configuration', () => undefined);
    const error = failure(await window.request('connection.discover', { draft: draft() }));
    assert.equal(error?.code, 'network/timed-out');
    assertReadable(error, 'slow');
  }).timeout(20_000);

  function lastReport(): TestReport {
    const shown = window.panel.posted.findLast((message) =>
      JSON.stringify(message).includes('"state":"done"'),
    );
    return (shown as { test: { report: TestReport } }).test.report;
  }
});
