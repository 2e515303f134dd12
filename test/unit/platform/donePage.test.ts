import assert from 'node:assert/strict';
import fc from 'fast-check';
import { renderDonePage } from '../../../src/platform/donePage.ts';

describe('the page after the callback', () => {
  it('names its language, has a title, one heading and the text', () => {
    const page = renderDonePage({ language: 'de', title: 'Angemeldet', text: 'Zurück zu VS Code.' });
    assert.match(page, /^<!doctype html>\n<html lang="de">/);
    assert.match(page, /<title>Angemeldet<\/title>/);
    assert.equal(page.match(/<h1>/g)?.length, 1);
    assert.match(page, /<p>Zurück zu VS Code\.<\/p>/);
  });

  it('lets no text become markup', () => {
    const plain = renderDonePage({ language: 'en', title: '', text: '' }).match(/[<>"]/g);
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (language, title, text) => {
        assert.deepEqual(renderDonePage({ language, title, text }).match(/[<>"]/g), plain);
      }),
    );
  });
});
