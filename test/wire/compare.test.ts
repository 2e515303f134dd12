import assert from 'node:assert/strict';
import { differences } from './compare.ts';
import type { ReplayedResponse } from './compare.ts';
import { parsePartialJson } from './partialJson.ts';
import type { RecordedResponse } from './recordings.ts';

const recorded: RecordedResponse = {
  status: 200,
  headers: [['content-type', 'application/json']],
  body: { json: { total: 2, entry: [{ id: 'a' }], error: 'x', link: null } },
};
const replayed: ReplayedResponse = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"total":7,"entry":[{"id":"other"}],"error":"x","link":null}',
};
const same = (text: string): string => text;

function withBody(body: string): ReplayedResponse {
  return { ...replayed, body };
}

describe('The comparison of a recorded and a replayed answer', () => {
  it('accepts other values of the same types', () => {
    assert.deepEqual(differences(recorded, replayed, same), []);
  });

  const wrong: readonly (readonly [what: string, answer: ReplayedResponse])[] = [
    ['another status', { ...replayed, status: 201 }],
    ['another content type', { ...replayed, headers: { 'content-type': 'text/html' } }],
    ['a location that was not recorded', { ...replayed, headers: { ...replayed.headers, location: '/x' } }],
    ['a challenge', { ...replayed, headers: { ...replayed.headers, 'www-authenticate': 'Basic' } }],
    ['a missing key', withBody('{"total":7,"entry":[{"id":"a"}],"error":"x"}')],
    ['a key too many', withBody('{"total":7,"entry":[{"id":"a","b":1}],"error":"x","link":null}')],
    ['another type', withBody('{"total":"7","entry":[{"id":"a"}],"error":"x","link":null}')],
    ['another number of items', withBody('{"total":7,"entry":[],"error":"x","link":null}')],
    ['another error', withBody('{"total":7,"entry":[{"id":"a"}],"error":"y","link":null}')],
    ['a total of zero', withBody('{"total":0,"entry":[{"id":"a"}],"error":"x","link":null}')],
    ['no JSON', withBody('Bad request')],
  ];
  for (const [what, answer] of wrong) {
    it(`finds ${what}`, () => {
      assert.equal(differences(recorded, answer, same).length, 1);
    });
  }

  it('finds other parameters and errors in a location', () => {
    const found = (location: string): number =>
      differences(
        { status: 302, headers: [['location', 'https://app/cb?error=invalid_scope&hint=a']] },
        { status: 302, headers: { location }, body: '' },
        same,
      ).length;
    assert.equal(found('https://app/cb?error=invalid_scope&hint=a'), 0);
    assert.equal(found('https://app/cb?error=invalid_client&hint=a'), 1);
    assert.equal(found('https://other/cb?error=invalid_scope&hint=a'), 1);
    assert.equal(found('https://app/cb?error=invalid_scope&hint=a&state=s'), 2);
  });

  it('finds other fields in a page', () => {
    const page: RecordedResponse = {
      status: 200,
      headers: [],
      body: { html: true, title: 'T', fields: ['a', 'b'] },
    };
    const html = (names: readonly string[]): string =>
      `<title>T</title>${names.map((name) => `<input name="${name}">`).join('')}`;
    const found = (body: string): number =>
      differences(page, { status: 200, headers: {}, body }, same).length;
    assert.equal(found(html(['b', 'a'])), 0);
    assert.equal(found(html(['a'])), 1);
    assert.equal(found(html(['a', 'b', 'c'])), 1);
    assert.equal(found(html(['a', 'b']).replace('T', 'U')), 1);
  });

  it('compares a cut text up to the cut', () => {
    const cut = (text: string): RecordedResponse => ({
      ...recorded,
      body: { text: `${text}\n…[900 chars in all]` },
    });
    assert.deepEqual(differences(cut('{"total":2,"entry":[{"id":"a'), replayed, same), []);
    assert.equal(differences(cut('{"total":2,"entry":[{"id":"a"},{"i'), replayed, same).length, 1);
    assert.equal(differences(cut('{"total":2,"more":{"id":"a'), replayed, same).length, 1);
  });
});

describe('JSON that was cut off', () => {
  it('keeps what is whole and marks what is not', () => {
    const { value, incomplete } = parsePartialJson('{"a":[1,{"b":"c"},{"d":"e","f":"cu');
    assert.deepEqual(value, { a: [1, { b: 'c' }, { d: 'e' }] });
    assert.equal(incomplete.size, 3);
  });

  it('reads a whole text as JSON.parse does', () => {
    const text = '{"a":[1,-2.5e3,true,null,"\\u00e9\\n"],"b":{}}';
    const { value, incomplete } = parsePartialJson(text);
    assert.deepEqual(value, JSON.parse(text));
    assert.equal(incomplete.size, 0);
  });

  it('refuses what is no JSON', () => {
    assert.throws(() => parsePartialJson('{"a":?}'), SyntaxError);
  });
});
