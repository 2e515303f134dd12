import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { host } from '../fakes/vscode.ts';
import { WorkbenchWindow } from './workbenchWindow.ts';

const count = 200;
/** What a task may take at most, in milliseconds; and what a busy machine adds to any measure. */
const limitMs = 50;

describe('Two hundred connections', () => {
  let window: WorkbenchWindow;

  beforeEach(async () => {
    window = await WorkbenchWindow.open();
    host.changeSetting(
      'openemr.connections',
      Array.from({ length: count }, (_, index) => ({
        ...{ id: `c${index}`, name: `Clinic ${index}`, baseUrl: `https://c${index}.example.org` },
        ...{ site: 'default', clientType: 'confidential', scopes: ['openid'], callback: 'automatic' },
      })),
    );
  });
  afterEach(() => window.close());

  it('are all drawn without holding the extension host up', async () => {
    const view = host.treeProviders.get('openemr.connections') as {
      getChildren(): Promise<object[]>;
      getTreeItem(node: object): Promise<{ label: string }>;
    };
    const draw = async () => {
      const nodes = await view.getChildren();
      const items = await Promise.all(nodes.map((node) => view.getTreeItem(node)));
      return items.length;
    };
    await draw();
    const best = Math.min(...[await held(draw), await held(draw), await held(draw)]);
    assert.ok(best <= limitMs, `${best.toFixed(0)} ms`);
  });

  /** The longest that nothing else could run meanwhile, in milliseconds. */
  async function held(work: () => Promise<number>): Promise<number> {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    await new Promise((tick) => setTimeout(tick, 20));
    delay.enable();
    assert.equal(await work(), count);
    await new Promise((tick) => setTimeout(tick, 5));
    delay.disable();
    return delay.max / 1e6;
  }
});
