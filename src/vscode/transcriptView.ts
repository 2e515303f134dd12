import { l10n } from 'vscode';
import type { RecordedExchange } from '../core/transcript/recordedExchange.ts';
import type { FlowKind, RecordedFlow } from '../core/transcript/transcript.ts';
import { answerOf } from '../core/transcript/transcriptText.ts';
import type { ExchangeView, FlowView } from '../protocol/doctorView.ts';
import type { PresentedError } from '../protocol/viewModels.ts';

const titles: Record<FlowKind, () => string> = {
  login: () => l10n.t('Login'),
  registration: () => l10n.t('Registration'),
  refresh: () => l10n.t('Refresh'),
  test: () => l10n.t('Connection test'),
};

/** A flow for the panel: what was redacted when it was recorded stays so. */
export function flowView(flow: RecordedFlow, present: (error: unknown) => PresentedError): FlowView {
  const { kind, startedAt, durationMs, exchanges, error } = flow;
  return {
    kind,
    title: titles[kind](),
    startedAt,
    durationMs,
    ...(error ? { failure: present(error).happened } : {}),
    exchanges: exchanges.map(exchangeView),
  };
}

function exchangeView(exchange: RecordedExchange): ExchangeView {
  const { method, url, durationMs, status } = exchange;
  const { requestHeaders, requestBody, responseHeaders, responseBody } = exchange;
  return {
    method,
    address: url.split('?', 1)[0] ?? url,
    answer: answerOf(exchange),
    isRefused: status === undefined || status >= 400,
    ms: durationMs,
    request: [`${method} ${url}`, ...headerLines(requestHeaders), ...(requestBody ? [requestBody] : [])],
    response: [...headerLines(responseHeaders), ...(responseBody ? [responseBody] : [])],
  };
}

function headerLines(headers: RecordedExchange['requestHeaders']): string[] {
  return headers.map(([name, value]) => `${name}: ${value}`);
}
