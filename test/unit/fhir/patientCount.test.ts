import assert from 'node:assert/strict';
import { countPatients } from '../../../src/core/fhir/patientCount.ts';
import { CannedTransport } from './cannedTransport.ts';
import { bundle, fault82, fhirBaseUrl, patientEntry, patientsAnswer } from './recordings.ts';

const server = (total: number) => new CannedTransport(({ url }) => ({ body: patientsAnswer(total, url) }));
const ids = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => patientEntry(from + index));

describe('Counting patients', () => {
  it('takes one request in a small practice, without parameters that OpenEMR does not know', async () => {
    const transport = server(107);
    const counted = await countPatients(transport, fhirBaseUrl, 'token');
    assert.deepEqual(counted, { count: 107, isAtLeast: false });
    assert.deepEqual(transport.urls, [`${fhirBaseUrl}/Patient?_count=200`]);
  });

  for (const total of [0, 199, 200, 201, 407, 800, 1999, 2000]) {
    it(`counts ${total} patients exactly`, async () => {
      assert.deepEqual(await countPatients(server(total), fhirBaseUrl, 'token'), {
        count: total,
        isAtLeast: false,
      });
    });
  }

  it('stops at the cap after three requests and says "at least"', async () => {
    const transport = server(50_000);
    const counted = await countPatients(transport, fhirBaseUrl, 'token');
    assert.deepEqual(counted, { count: 2000, isAtLeast: true });
    assert.deepEqual(transport.urls, [
      `${fhirBaseUrl}/Patient?_count=200`,
      `${fhirBaseUrl}/Patient?_count=600&_offset=200`,
      `${fhirBaseUrl}/Patient?_count=1201&_offset=800`,
    ]);
  });

  it('takes the page size and the cap it is given', async () => {
    const options = { pageSize: 5, cap: 3 };
    const transport = server(10);
    assert.deepEqual(await countPatients(transport, fhirBaseUrl, 'token', options), {
      count: 3,
      isAtLeast: true,
    });
    assert.deepEqual(transport.urls, [`${fhirBaseUrl}/Patient?_count=4`]);
  });

  it('believes a server that sends everything at once, whatever was asked for', async () => {
    const transport = new CannedTransport(() => ({ body: bundle(ids(0, 3000)) }));
    assert.deepEqual(await countPatients(transport, fhirBaseUrl, 'token'), { count: 3000, isAtLeast: false });
    assert.equal(transport.requests.length, 1);
  });

  it('takes the first page for everything where the second one repeats it', async () => {
    const transport = new CannedTransport(({ url }) => ({
      body: bundle(url.includes('_offset') ? ids(0, 4).reverse() : ids(0, 4)),
    }));
    const counted = await countPatients(transport, fhirBaseUrl, 'token', { pageSize: 4 });
    assert.deepEqual(counted, { count: 4, isAtLeast: false });
    assert.equal(transport.requests.length, 2);
  });

  it('does not count twice where a server knows _count but not _offset', async () => {
    const answer = (total: number) =>
      new CannedTransport(({ url }) => ({ body: patientsAnswer(total, url.replace(/&_offset=\d+/, '')) }));
    const options = { pageSize: 4 };
    assert.deepEqual(await countPatients(answer(9), fhirBaseUrl, 'token', options), {
      count: 9,
      isAtLeast: false,
    });
    assert.deepEqual(await countPatients(answer(50), fhirBaseUrl, 'token', options), {
      count: 12,
      isAtLeast: true,
    });
  });

  it('reports the first page as soon as it is there', async () => {
    const seen: number[] = [];
    const transport = server(407);
    await countPatients(transport, fhirBaseUrl, 'token', {
      onFirstPage: (entries) => seen.push(entries, transport.requests.length),
    });
    assert.deepEqual(seen, [200, 1]);
  });

  it('counts the one patient of a login with one patient in context', async () => {
    const transport = new CannedTransport(() => ({ body: bundle([patientEntry(1)]) }));
    assert.deepEqual(await countPatients(transport, fhirBaseUrl, 'token'), { count: 1, isAtLeast: false });
  });

  it('fails where a later page is refused', async () => {
    const transport = new CannedTransport(({ url }) =>
      url.includes('_offset')
        ? { status: 401, body: fault82('Unauthorized') }
        : { body: patientsAnswer(500, url) },
    );
    await assert.rejects(countPatients(transport, fhirBaseUrl, 'token'), { code: 'fhir/access-refused' });
  });

  it('stops when it is cancelled', async () => {
    const abort = new AbortController();
    const transport = server(5000);
    const counting = countPatients(transport, fhirBaseUrl, 'token', {
      signal: abort.signal,
      onFirstPage: () => abort.abort(),
    });
    await assert.rejects(counting, { code: 'operation/cancelled' });
    assert.equal(transport.requests.length, 2);
  });
});
