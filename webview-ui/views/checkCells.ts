import { html, nothing, type TemplateResult } from 'lit';
import type { PanelStringKey } from '../../src/protocol/panelStrings.ts';
import type { TestRow } from '../../src/protocol/viewModels.ts';
import { fill } from '../panelModel.ts';
import type { PageState } from '../pageState.ts';
import { codicon } from './button.ts';

type CheckResult = TestRow['result'];

const faces = {
  running: ['resultRunning', 'loading'],
  pass: ['resultPass', 'pass'],
  fail: ['resultFail', 'error'],
  warning: ['resultWarning', 'warning'],
  skipped: ['resultSkipped', 'circle-slash'],
} as const satisfies Record<CheckResult, readonly [PanelStringKey, string]>;

/** How a check ended, in a word and an icon, and how long it took. */
export function checkCells({ strings }: PageState, result: CheckResult, ms?: number): TemplateResult {
  const [text, icon] = faces[result];
  return html`<td role="cell" class="result-cell ${result}"><span>${codicon(icon)}${strings[text]}</span></td>
    <td role="cell" class="time">
      ${ms === undefined ? nothing : fill(strings.milliseconds, Math.round(ms))}
    </td>`;
}
