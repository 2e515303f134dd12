import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import { hostMessageSchema, panelRequestSchema } from '../../../src/protocol/panelMessages.ts';
import { panelStateSchema } from '../../../src/protocol/panelState.ts';
import { panelStringKeys, panelStringsSchema } from '../../../src/protocol/panelStrings.ts';
import {
  connectionDraftSchema,
  panelViewModelSchema,
  sessionViewSchema,
  testReportSchema,
} from '../../../src/protocol/viewModels.ts';

const draft = {
  name: 'Clinic A',
  baseUrl: 'https://emr.example.org',
  site: 'default',
  clientType: 'confidential',
  clientId: '',
  scopes: ['openid'],
  callback: 'automatic',
};
const session = {
  state: 'none',
  label: 'Signed out',
  tone: 'neutral',
  canRefresh: false,
  scopesGranted: [],
  scopesMissing: [],
};
const viewModel = {
  saved: draft,
  hasClientSecret: false,
  step: 'connect',
  clientState: 'none',
  session,
  scopeChoices: [],
  defaultScopes: { confidential: [], public: [] },
  clients: [],
};
const report = {
  rows: [],
  startedAt: 1,
  durationMs: 1,
  scopesGranted: [],
  context: 'user',
  wasCancelled: false,
};

describe('panel protocol', () => {
  it('has an answer for every request', () => {
    const requests = panelRequestSchema.def.options.flatMap(({ def }) => [...def.shape.type.def.values]);
    const answers = hostMessageSchema.def.options.flatMap(({ def }) => [...def.shape.type.def.values]);
    assert.ok(requests.length > 10);
    for (const request of requests)
      assert.ok(
        answers.some((answer) => answer === `${request}.result`),
        request,
      );
  });

  it('accepts a request of the protocol and nothing beside it', () => {
    const save = { type: 'connection.save', id: 1, draft, confirmed: false };
    assert.equal(panelRequestSchema.safeParse(save).success, true);
    assert.equal(panelRequestSchema.safeParse({ ...save, clientSecret: 'x' }).success, true);
    const refused = [
      { ...save, id: 0 },
      { ...save, id: '1' },
      { ...save, clientSecret: '' },
      { ...save, connectionId: 'another' },
      { ...save, draft: { ...draft, clientType: 'system' } },
      { ...save, draft: { ...draft, name: 'x'.repeat(33_000) } },
      { ...save, draft: { ...draft, pinnedCertificate: {} } },
      { type: 'connection.delete', id: 1 },
      { type: 'action.run', id: 1 },
      null,
    ];
    for (const message of refused) assert.equal(panelRequestSchema.safeParse(message).success, false);
  });

  it('has no place for a token or secret in anything that is shown or kept', () => {
    const places: [z.core.$ZodType, object][] = [
      [connectionDraftSchema, draft],
      [sessionViewSchema, session],
      [panelViewModelSchema, viewModel],
      [testReportSchema, report],
      [panelStateSchema, { version: 1, section: 'status', draft }],
    ];
    for (const [schema, good] of places) {
      assert.equal(z.safeParse(schema, good).success, true);
      for (const stray of [
        'accessToken',
        'refreshToken',
        'idToken',
        'clientSecret',
        'code',
        'codeVerifier',
      ]) {
        assert.equal(z.safeParse(schema, { ...good, [stray]: 'x' }).success, false, stray);
      }
    }
  });

  it('knows a certificate by a whole SHA-256 fingerprint only', () => {
    const trust = (sha256: string) =>
      panelRequestSchema.safeParse({ type: 'connection.trustCertificate', id: 1, draft, sha256 }).success;
    assert.equal(trust(`${'AB:'.repeat(31)}AB`), true);
    for (const wrong of ['', 'AB', 'ab'.repeat(32), `${'AB:'.repeat(32)}AB`])
      assert.equal(trust(wrong), false);
  });

  it('wants every text, so that a page never shows a blank', () => {
    const all = Object.fromEntries(panelStringKeys.map((key) => [key, key]));
    assert.equal(panelStringsSchema.safeParse(all).success, true);
    assert.equal(panelStringsSchema.safeParse({ ...all, save: undefined }).success, false);
  });
});
