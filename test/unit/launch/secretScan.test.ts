import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { secretsIn } from '../../host/secretScan.ts';

const nothingSeen = { values: new Set<string>(), challenges: new Set<string>() };

describe('the scan for secrets', () => {
  it('knows a JSON Web Token by its shape', () => {
    const part = randomBytes(30).toString('base64url');
    assert.deepEqual(secretsIn(`token eyJ${part}.${part}.${part} end`, nothingSeen), ['JSON Web Token']);
  });

  it('knows a code or refresh token of OpenEMR by its shape', () => {
    const token = `def50200${randomBytes(60).toString('hex')}`;
    assert.deepEqual(secretsIn(`[info] ${token}`, nothingSeen), ['code or refresh token of OpenEMR']);
  });

  it('knows a client secret by its name', () => {
    const secret = randomBytes(40).toString('base64url');
    assert.deepEqual(secretsIn(`{"client_secret":"${secret}"}`, nothingSeen), ['named credential']);
    assert.deepEqual(secretsIn(`{"clientSecret": "${secret}"}`, nothingSeen), ['named credential']);
  });

  it('knows a code that was seen on the wire', () => {
    const code = randomBytes(20).toString('hex');
    assert.deepEqual(secretsIn(`x${code}y`, { ...nothingSeen, values: new Set([code]) }), [
      'code or state of a login',
    ]);
  });

  it('knows a verifier by the challenge that was made of it', () => {
    const verifier = randomBytes(32).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const seen = { ...nothingSeen, challenges: new Set([challenge]) };
    assert.deepEqual(secretsIn(`{"v":"${verifier}"}`, seen), ['PKCE verifier']);
  });

  it('takes settings, host names and scopes for what they are', () => {
    const text =
      '{"openemr.connections":[{"id":"sandbox","baseUrl":"http://127.0.0.1:4711","scopes":["user/Patient.read"]}]} ' +
      'client_secret_post Bearer token expected at emr-workbench.openemr-workbench-0.1.0';
    assert.deepEqual(secretsIn(text, nothingSeen), []);
  });
});
