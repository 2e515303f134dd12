import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countBundle } from '../../../src/core/fhir/bundleCounter.ts';
import { inChunks } from './cannedTransport.ts';
import { bundle, patientEntry } from './recordings.ts';

const count = (text: string, chunkSize = 1024) => countBundle(inChunks(Buffer.from(text), chunkSize));

describe('Counting a Bundle while it arrives', () => {
  it('gives the same at every chunk size, though strings hold braces, quotes and backslashes', async () => {
    const text = JSON.stringify(bundle([1, 2, 3].map(patientEntry)), undefined, 1);
    const whole = await count(text);
    assert.equal(whole.entries, 3);
    for (let size = 1; size <= 40; size++) assert.deepEqual(await count(text, size), whole);
  });

  it('counts no entries where there is no entry list', async () => {
    const empty = await count(JSON.stringify(bundle([])));
    assert.equal(empty.entries, 0);
    assert.equal(empty.firstEntry, undefined);
    assert.equal((await count('{"resourceType":"Bundle","entry":[ ]}')).entries, 0);
  });

  it('takes its members in any order, with a byte order mark and white space around', async () => {
    const entries = JSON.stringify([patientEntry(1)]);
    const text = `\ufeff\n{ "entry" :\t${entries} , "link":[{"url":"[{"}], "resourceType":"Bundle" }\n`;
    assert.equal((await count(text, 3)).entries, 1);
  });

  it('does not take other lists for the entries', async () => {
    const text = '{"resourceType":"Bundle","x":{"entry":[1]},"a\\"entry":[1,2],"link":["entry"],"y":[[{}]]}';
    assert.equal((await count(text)).entries, 0);
  });

  it('has one fingerprint for one set of resources, in any order', async () => {
    const print = async (...numbers: number[]) =>
      (await count(JSON.stringify(bundle(numbers.map(patientEntry))))).fingerprint;
    assert.equal(await print(1, 2, 3), await print(3, 1, 2));
    assert.notEqual(await print(1, 2, 3), await print(1, 2, 4));
    assert.notEqual(await print(1), await print(1, 2, 2));
  });

  it('takes fullUrl for the identity where a resource has no id', async () => {
    assert.equal((await count('{"resourceType":"Bundle","entry":[{"fullUrl":"urn:x"}]}')).entries, 1);
  });

  const broken: [string, string, string][] = [
    ['nothing', '', 'http/not-json'],
    ['white space', ' \n', 'http/not-json'],
    ['a page', ' <html><body>{"entry":[]}</body></html>', 'http/not-json'],
    ['a string', '"Bundle"', 'http/not-json'],
    ['a list', '[{"resourceType":"Bundle"}]', 'fhir/invalid-response'],
    ['another resource', '{"resourceType":"OperationOutcome"}', 'fhir/invalid-response'],
    ['a cut-off entry', '{"resourceType":"Bundle","entry":[{"resource":{"id":"1"', 'fhir/invalid-response'],
    ['a cut-off list', '{"resourceType":"Bundle","entry":[{"fullUrl":"1"}', 'fhir/invalid-response'],
    ['a missing comma', '{"resourceType":"Bundle","entry":[{"fullUrl":"1"}{}]}', 'fhir/invalid-response'],
    ['a doubled comma', '{"resourceType":"Bundle","entry":[{"fullUrl":"1"},,{}]}', 'fhir/invalid-response'],
    ['a comma too many', '{"resourceType":"Bundle","entry":[{"fullUrl":"1"},]}', 'fhir/invalid-response'],
    ['a comma first', '{"resourceType":"Bundle","entry":[,{"fullUrl":"1"}]}', 'fhir/invalid-response'],
    ['entries that are no objects', '{"resourceType":"Bundle","entry":[1]}', 'fhir/invalid-response'],
    ['an entry without identity', '{"resourceType":"Bundle","entry":[{}]}', 'fhir/invalid-response'],
    ['an id that is no string', '{"resourceType":"Bundle","entry":[{"fullUrl":7}]}', 'fhir/invalid-response'],
    ['crossed brackets', '{"resourceType":"Bundle","entry":[{"a":[}]}', 'fhir/invalid-response'],
    ['something behind the end', '{"resourceType":"Bundle"}{}', 'fhir/invalid-response'],
    ['brackets that close too often', '{"resourceType":"Bundle"}]}', 'fhir/invalid-response'],
  ];
  for (const [name, text, code] of broken) {
    it(`refuses ${name} with ${code}`, () => assert.rejects(count(text, 7), { code }));
  }

  it('refuses bytes that are no UTF-8', async () => {
    const bytes = Buffer.from('{"resourceType":"Bundle","entry":[{"fullUrl":"x"}]}');
    bytes[bytes.indexOf('x')] = 0xff;
    await assert.rejects(countBundle(inChunks(bytes, 9)), { code: 'fhir/invalid-response' });
  });

  it('gives up on an endless entry or an endless rest', async () => {
    async function* endless(beginning: string): AsyncGenerator<Uint8Array> {
      yield Buffer.from(beginning);
      for (;;) {
        await Promise.resolve();
        yield Buffer.alloc(1024 * 1024, 0x20);
      }
    }
    await assert.rejects(countBundle(endless('{"entry":[{"a":')), { code: 'http/too-large' });
    await assert.rejects(countBundle(endless('{"a":')), { code: 'http/too-large' });
  });

  it('never quotes what it read in an error, and says where it came from', async () => {
    const text = '{"resourceType":"Bundle","entry":[{"name":"Zoë Secret",}]}';
    const details = { url: 'https://emr.example.org/x' };
    await assert.rejects(countBundle(inChunks(Buffer.from(text), 50), details), (error: Error) => {
      assert.doesNotMatch(`${error.stack} ${String(error.cause)}`, /Secret/);
      assert.deepEqual((error as Error & { details: unknown }).details, details);
      return true;
    });
  });

  it('agrees with JSON.parse on whatever entries hold', async () => {
    const anyBundle = fc.record({
      resourceType: fc.constant('Bundle'),
      note: fc.jsonValue(),
      entry: fc.array(
        fc.record({ fullUrl: fc.string(), resource: fc.dictionary(fc.string(), fc.jsonValue()) }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(anyBundle, fc.integer({ min: 1, max: 30 }), async (value, size) => {
        for (const entry of value.entry) delete entry.resource['id'];
        const counted = await count(JSON.stringify(value), size);
        assert.equal(counted.entries, value.entry.length);
      }),
      { numRuns: 200 },
    );
  });
});
