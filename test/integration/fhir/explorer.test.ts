import assert from 'node:assert/strict';
import {
  resultCap,
  rowsPerPage,
  SearchResult,
  type FhirResource,
} from '../../../src/core/fhir/fhirExplorer.ts';
import { fetchResourceDescriptions, searchQuery } from '../../../src/core/fhir/searchParameters.ts';
import { createFetchTransport } from '../../../src/platform/fetchTransport.ts';
import { eraNames } from '../../../src/sandbox/era.ts';
import { startSandbox, type RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { logInToSandbox, type SandboxLogin } from '../../fhir/sandboxLogin.ts';
import { CannedTransport } from '../../unit/fhir/cannedTransport.ts';

const scopes = ['openid', 'api:fhir', 'user/Patient.read', 'user/Observation.read'];
const transport = createFetchTransport();

for (const era of eraNames) {
  describe(`The FHIR explorer against the sandbox of ${era}`, () => {
    let sandbox: RunningSandbox;
    let login: SandboxLogin;

    before(async () => {
      sandbox = await startSandbox({ era });
      login = await logInToSandbox(sandbox, scopes);
    });
    after(() => sandbox.stop());

    const search = (type: string, query = new URLSearchParams(), cap?: number) =>
      SearchResult.run({
        transport,
        fhirBaseUrl: sandbox.fhirBaseUrl,
        type,
        query,
        reading: (read) => read(login.accessToken),
        ...(cap ? { cap } : {}),
      });

    async function whole(type: string): Promise<string[]> {
      const headers = { authorization: `Bearer ${login.accessToken}` };
      const answer = await fetch(`${sandbox.fhirBaseUrl}/${type}`, { headers });
      const bundle = (await answer.json()) as { entry: { resource: FhirResource }[] };
      return bundle.entry.map(({ resource }) => resource.id);
    }

    for (const type of ['Patient', 'Observation']) {
      it(`shows every page of ${type} as the server has it`, async () => {
        const expected = await whole(type);
        const result = await search(type);
        assert.equal(result.count, expected.length);
        assert.equal(result.isCapped, false);
        for (const from of [0, 50, 7, expected.length - 3]) {
          await result.show(from);
          assert.deepEqual(
            result.page.map(({ id }) => id),
            expected.slice(from, from + rowsPerPage),
          );
        }
      });
    }

    it('stops at its cap, and says so', async () => {
      const result = await search('Observation', undefined, 75);
      assert.equal(result.count, 75);
      assert.equal(result.isCapped, true);
      await result.show(60);
      assert.equal(result.page.length, 15);
    });

    it('asks by the parameters that the server lists and by no other', async () => {
      const descriptions = await fetchResourceDescriptions(transport, { ...sandbox, site: 'default' });
      const patient = descriptions.find(({ type }) => type === 'Patient');
      assert.ok(patient);
      assert.ok(patient.searchParameters.some(({ name }) => name === 'gender'));
      const values = [
        { name: 'gender', value: 'female' },
        { name: '_summary', value: 'count' },
        { name: 'family', value: ' ' },
      ];
      const query = searchQuery(patient, values, 200);
      assert.equal(query.toString(), 'gender=female&_count=200');
      const result = await search('Patient', query);
      assert.ok(result.count > 10 && result.count < 120, `${result.count}`);
      await result.show(10);
      assert.ok(result.page.every((resource) => resource['gender'] === 'female'));
    });

    it('fails with the reason where a type is not allowed', async () => {
      await assert.rejects(search('Condition'), { code: 'fhir/access-refused' });
    });
  });
}

describe('A search result', () => {
  it('keeps one page and places, not the records, and ends the transfer at its cap of 50,000', async () => {
    const entry = { resource: { resourceType: 'Observation', id: 'a', note: 'x'.repeat(100) } };
    const canned = new CannedTransport(() => ({
      body: { resourceType: 'Bundle', entry: Array.from({ length: resultCap + 10 }, () => entry) },
    }));
    const progress: number[] = [];
    const result = await SearchResult.run({
      transport: canned,
      fhirBaseUrl: 'https://emr.example.org/apis/default/fhir',
      type: 'Observation',
      query: new URLSearchParams(),
      reading: (read) => read('token'),
      onProgress: ({ count, page }) => progress.push(count * Number(page.length === rowsPerPage)),
    });
    assert.equal(result.count, resultCap);
    assert.equal(result.isCapped, true);
    assert.equal(result.page.length, rowsPerPage);
    assert.ok((progress[0] ?? 0) >= rowsPerPage && (progress[0] ?? 0) < 100, `${progress[0]}`);
    await result.show(resultCap - 1);
    assert.deepEqual(
      result.page.map(({ id }) => id),
      ['a'],
    );
    assert.ok(canned.requests.every(({ method }) => method === 'GET'));
  });
});
