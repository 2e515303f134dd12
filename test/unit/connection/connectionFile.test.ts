import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Connection } from '../../../src/core/connection/connection.ts';
import {
  connectionFileSchema,
  connectionFileText,
  parseConnectionFile,
  planImport,
} from '../../../src/core/connection/connectionFile.ts';

const clinic: Connection = {
  id: 'clinic-a',
  name: 'Clinic A',
  baseUrl: 'https://emr.example.org/openemr',
  site: 'default',
  clientType: 'confidential',
  clientId: 'client',
  scopes: ['openid'],
  callback: 'automatic',
  environment: 'production',
};
let ids = 0;
const newId = () => `new-${++ids}`;

function entriesOf(text: string) {
  const file = parseConnectionFile(text);
  assert.ok('connections' in file, JSON.stringify(file));
  return file.connections;
}

describe('A file of connections', () => {
  it('gives back what was written into it', () => {
    assert.deepEqual(entriesOf(connectionFileText([clinic])), [clinic]);
  });

  it('holds no certificate and no path of this computer', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nabc';
    const text = connectionFileText([
      { ...clinic, caFile: '/etc/pki/ca.pem', pinnedCertificate: { pem, sha256: 'AA' } },
    ]);
    assert.doesNotMatch(text, /CERTIFICATE|someone|sha256/);
  });

  it('is refused with the places that are wrong, without what stood there', () => {
    const rest = JSON.parse(JSON.stringify({ ...clinic, id: undefined })) as object;
    const secret = { ...rest, clientSecret: 'hush' };
    const file = parseConnectionFile(JSON.stringify({ version: 1, connections: [rest, secret] }));
    assert.deepEqual(file, { problems: ['connections.1.clientSecret'] });
    const trust = { ...rest, pinnedCertificate: { pem: 'x', sha256: 'y' } };
    assert.ok('problems' in parseConnectionFile(JSON.stringify({ version: 1, connections: [trust] })));
    assert.deepEqual(parseConnectionFile('not JSON'), { problems: ['JSON'] });
    assert.ok('problems' in parseConnectionFile('{"version":2,"connections":[]}'));
  });

  it('adds what is new and leaves alone what is there', () => {
    const other = { ...clinic, id: 'other', name: 'Clinic B' };
    const { added, present } = planImport([clinic, other], [clinic], newId);
    assert.deepEqual(added, [other]);
    assert.deepEqual(present, ['Clinic A']);
  });

  it('makes a new id where one is taken and a new name where one is taken', () => {
    const elsewhere = { ...clinic, baseUrl: 'https://other.example.org' };
    const { added } = planImport([elsewhere, elsewhere], [clinic], newId);
    assert.equal(added.length, 1, 'the same entry twice in a file is one connection');
    assert.match(added[0]?.id ?? '', /^new-/);
    assert.equal(added[0]?.name, 'Clinic A (2)');
  });

  it('is described to editors exactly as it is read', () => {
    const described: unknown = JSON.parse(readFileSync('media/connections.schema.json', 'utf8'));
    assert.deepEqual(described, z.toJSONSchema(connectionFileSchema, { target: 'draft-7', io: 'input' }));
  });
});
