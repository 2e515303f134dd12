import type { RecordedExchange } from './recordedExchange.ts';
import type { RecordedFlow } from './transcript.ts';

/** A flow as Markdown, for an issue or a message to an administrator. */
export function flowAsMarkdown(flow: RecordedFlow): string {
  const lines = [
    `## ${flow.kind}, ${new Date(flow.startedAt).toISOString()}, ${Math.round(flow.durationMs)} ms${flow.error ? `, ${flow.error.code}` : ''}`,
    '',
    '| # | Request | Answer | Time |',
    '| --- | --- | --- | --- |',
    ...flow.exchanges.map(
      (exchange, index) =>
        `| ${index + 1} | ${exchange.method} ${cell(withoutQuery(exchange.url))} | ${answerOf(exchange)} | ${Math.round(exchange.durationMs)} ms |`,
    ),
    ...flow.exchanges.flatMap((exchange, index) => ['', ...detailsOf(exchange, index + 1)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** The same request for a shell. What is redacted has to be filled in by whoever knows it. */
export function exchangeAsCurl({ method, url, requestHeaders, requestBody }: RecordedExchange): string {
  const headers = requestHeaders.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const body = requestBody === undefined ? [] : [`--data-raw ${quoted(requestBody)}`];
  return ['curl -i', `-X ${method}`, quoted(url), ...headers, ...body].join(' \\\n  ');
}

function detailsOf(exchange: RecordedExchange, number: number): string[] {
  const { method, url, requestHeaders, requestBody, status, responseHeaders, responseBody, errorCode } =
    exchange;
  const headers = (list: RecordedExchange['requestHeaders']) =>
    list.map(([name, value]) => `${name}: ${value}`);
  return [
    `### ${number}. ${method} ${withoutQuery(url)}`,
    '',
    '```http',
    `${method} ${url}`,
    ...headers(requestHeaders),
    ...(requestBody === undefined ? [] : ['', requestBody]),
    '```',
    '',
    '```http',
    status === undefined ? `no answer: ${errorCode ?? ''}` : String(status),
    ...headers(responseHeaders),
    ...(responseBody ? ['', responseBody.replaceAll('```', "'''")] : []),
    '```',
  ];
}

export function answerOf({ status, errorCode }: RecordedExchange): string {
  return status === undefined ? (errorCode ?? 'no answer') : String(status);
}

function withoutQuery(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
