import { paced } from '../base/paced.ts';
import { fhirRefusal } from './fhirErrors.ts';
import {
  searchMaxBytes,
  type GetRequest,
  type GetTransport,
  type HttpResponse,
  type StreamedHttpResponse,
} from '../http/httpTransport.ts';

/** An authorised read. There is no other kind of request to FHIR in the workbench. */
export interface FhirRequest {
  readonly url: string;
  readonly accessToken: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole exchange; 60,000 where absent, since OpenEMR takes about 1 ms a patient. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

const searchTimeoutMs = 60_000;
/** More of a refusal's body than this is never looked at. */
const refusalBytes = 64 * 1024;

/**
 * GET with a bearer token (RFC 6750 §2.1), the whole body in memory. Never refreshes a token by itself.
 *
 * Throws WorkbenchError `fhir/token-refused`, `fhir/access-refused`, `fhir/signed-out`, `fhir/api-disabled`,
 * `fhir/not-found`, `discovery/site-unknown`, `http/*`, and what the transport throws.
 */
export async function fhirGet(transport: GetTransport, request: FhirRequest): Promise<HttpResponse> {
  const response = await transport.send(authorised(request));
  if (!isSuccess(response.status)) throw fhirRefusal({ ...response, url: request.url });
  return response;
}

/** As {@link fhirGet}, with the body as a stream: for search results, which OpenEMR does not limit in size. */
export async function fhirStream(
  transport: GetTransport,
  request: FhirRequest,
): Promise<StreamedHttpResponse> {
  const response = await transport.stream(authorised(request));
  if (isSuccess(response.status)) return { ...response, chunks: paced(response.chunks) };
  const text = await readBeginning(response.chunks);
  throw fhirRefusal({ url: request.url, status: response.status, headers: response.headers, text });
}

function authorised(request: FhirRequest): GetRequest {
  return {
    method: 'GET',
    url: request.url,
    // "Bearer" in exactly this case: OpenEMR refuses "bearer".
    headers: { accept: 'application/fhir+json', authorization: `Bearer ${request.accessToken}` },
    signal: request.signal,
    timeoutMs: request.timeoutMs ?? searchTimeoutMs,
    maxBytes: request.maxBytes ?? searchMaxBytes,
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

async function readBeginning(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.byteLength;
    if (size >= refusalBytes) break;
  }
  return Buffer.concat(parts).toString('utf8', 0, refusalBytes);
}
