import { Cleanup } from '../../src/launch/shutdown.ts';
import { figure, median, medianOfEach, type Figure } from './figure.ts';
import { BenchWindow, connectionCount } from './panelWindow.ts';

const openings = 9;
const scrollings = 3;
const formLimitRatio = 1.4;
const longTaskLimitMs = 50;

/**
 * How long the panel's form takes in VS Code's window (code-server and Chromium) beside a webview with nothing in it,
 * and what the list of 200 connections asks of the window and of the extension host while it scrolls, beside a list of 200 plain items.
 */
export async function measurePanel(): Promise<Figure[]> {
  const cleanup = new Cleanup();
  try {
    const window = await BenchWindow.open(cleanup);
    return [await measureForm(window), ...(await measureScrolling(window))];
  } finally {
    await cleanup.run();
  }
}

async function measureForm(window: BenchWindow): Promise<Figure> {
  const form = () => window.opening('OpenEMR: Configure Connection', 'baseUrl');
  const empty = () => window.opening('Bench: Open Empty Webview', 'empty');
  await form();
  await empty();
  const [formMs, emptyMs] = await medianOfEach(openings, form, empty);
  const baseline = { name: 'an empty webview', value: emptyMs };
  return figure('Form of the panel', 'ms', formMs, baseline, formLimitRatio * emptyMs);
}

async function measureScrolling(window: BenchWindow): Promise<Figure[]> {
  const ours: { windowMs: number; hostMs: number }[] = [];
  const plain: typeof ours = [];
  for (let round = 0; round < scrollings; round++) {
    plain.push(await window.scrolling('Bench', 'Plain 1'));
    ours.push(await window.scrolling('OpenEMR', 'Clinic 1'));
  }
  const of = (part: 'windowMs' | 'hostMs') => [ours, plain].map((all) => median(all.map((one) => one[part])));
  const compared = (name: string, part: 'windowMs' | 'hostMs') => {
    const [value = NaN, base = NaN] = of(part);
    // What a plain list takes is the editor's and the machine's.
    return figure(name, 'ms', value, { name: 'a plain list', value: base }, base + longTaskLimitMs);
  };
  return [
    compared(`Longest task of the window, ${connectionCount} connections scrolling`, 'windowMs'),
    compared('Longest task of the extension host meanwhile', 'hostMs'),
  ];
}
