import { Bindings } from './bindings.ts';
import { advanceClock, circumstancesOf, setEnabled } from './circumstances.ts';
import { differences, jsonDifferences } from './compare.ts';
import type { ReplayedResponse } from './compare.ts';
import { cutLogoutQuery, isCutLogout } from './cutLogout.ts';
import { send } from './httpClient.ts';
import type { HttpRequest } from './httpClient.ts';
import type { RecordedRequest, RecordedSection, RecordedStep, Recording } from './recordings.ts';
import { logIn } from './sandboxLogin.ts';

/** Clients that were enabled in the database right after their registration. */
const enabledAfterRegistration = new Set(['OE Workbench private', 'Narrow client', 'v2 scope', 'Writer']);
/** Files before which "Disabled client" was disabled again. */
const filesThatDisable = new Set(['h-extra', 'n-version-and-probes']);

interface RegisteredClient {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly postLogoutRedirectUris: readonly string[];
}

/** What a browser keeps between the pages of one section. */
interface Browser {
  cookie: string;
  page: string;
  clientId: string | undefined;
}

/** Replays one era's recording against a sandbox, in the recorded order. */
export class Replayer {
  readonly bindings = new Bindings();
  /** Requests whose query the recording has lost and the replay rebuilt. */
  rebuiltQueries = 0;
  readonly #baseUrl: string;
  readonly #clients = new Map<string, RegisteredClient>();
  #file = '';
  #loginIdTokens: string[] = [];
  #lastIdToken = '';
  #lastAccessToken = '';
  #lastClientId: string | undefined;
  #lastSentJwt = '';

  constructor(recording: Recording, baseUrl: string) {
    this.#baseUrl = baseUrl;
    this.bindings.bind(recording.base, baseUrl);
  }

  /** Every difference found in the section, each with the number of its step. */
  async replay(section: RecordedSection): Promise<string[]> {
    await this.#enterFile(section.file);
    if (section.name.startsWith('Enabled with SQL')) await this.#setDisabledClient(true);
    const circumstances = circumstancesOf(this.#baseUrl, section);
    const browser: Browser = { cookie: '', page: '', clientId: undefined };
    const found: string[] = [];
    for (const [index, step] of section.steps.entries()) {
      await this.#obtainUnrecorded(section, step);
      if (index === 0) await circumstances.before();
      for (const difference of await this.#replayStep(section, step, browser)) {
        found.push(
          `step ${index} ${step.request.method} ${new URL(step.request.url).pathname}: ${difference}`,
        );
      }
    }
    await circumstances.after();
    return [...found, ...this.#compareDecoded(section)];
  }

  /** Sections that show a decoded token instead of a request. */
  #compareDecoded(section: RecordedSection): string[] {
    if (section.notes === undefined || !section.name.endsWith(' decoded')) return [];
    const [header = '', claims = ''] = section.notes.split(/\n(?=\{)/);
    const token = section.name.startsWith('access_token') ? this.#lastAccessToken : this.#lastIdToken;
    const translate = (text: string): string => this.bindings.translate(text);
    return [header, claims].flatMap((text, part) => {
      const [recorded, replayed] = [JSON.parse(text) as unknown, decodedPart(token, part)];
      this.bindings.learn(recorded, replayed, undefined);
      return jsonDifferences(recorded, replayed, translate);
    });
  }

  async #enterFile(file: string): Promise<void> {
    if (file === this.#file) return;
    this.#file = file;
    this.#loginIdTokens = [];
    if (filesThatDisable.has(file)) await this.#setDisabledClient(false);
  }

  async #setDisabledClient(enabled: boolean): Promise<void> {
    await setEnabled(this.#baseUrl, this.#client('Disabled client').id, enabled);
  }

  #client(name: string): RegisteredClient {
    const client = this.#clients.get(name);
    if (client === undefined) throw new Error(`The client "${name}" has not been registered.`);
    return client;
  }

  async #replayStep(section: RecordedSection, step: RecordedStep, browser: Browser): Promise<string[]> {
    const request = this.#translateRequest(section, step, browser);
    this.#lastSentJwt = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(JSON.stringify(request))?.[0] ?? this.#lastSentJwt;
    const replayed = await send(request);
    this.#remember(step, request, replayed, browser);
    await this.#rememberClient(step, replayed);
    return differences(step.response, replayed, (text) => this.bindings.translate(text));
  }

  #translateRequest(section: RecordedSection, step: RecordedStep, browser: Browser): HttpRequest {
    const recorded = step.request;
    const isForm = recorded.headers['content-type'] === 'application/x-www-form-urlencoded';
    const url = new URL(this.bindings.translate(withoutQuery(recorded.url)));
    const query = isCutLogout(step)
      ? this.#cutLogout(section, step)
      : this.#translateFields(queryOf(recorded.url), browser);
    const body =
      isForm && recorded.body !== undefined ? this.#translateForm(recorded.body, browser) : recorded.body;
    browser.clientId = query.get('client_id') ?? browser.clientId;
    return {
      method: recorded.method,
      url: `${url.href}${query.size === 0 ? '' : `?${query.toString()}`}`,
      headers: this.#translateHeaders(section, recorded, browser),
      ...(body === undefined ? {} : { body: isForm ? body : this.bindings.translate(body) }),
    };
  }

  #cutLogout(section: RecordedSection, step: RecordedStep): URLSearchParams {
    this.rebuiltQueries += 1;
    const tokens = { logins: this.#loginIdTokens, last: this.#lastIdToken };
    const client = [...this.#clients.values()].find(({ id }) => id === this.#lastClientId);
    return cutLogoutQuery(section, step, tokens, client);
  }

  #translateForm(body: string, browser: Browser): string {
    return this.#translateFields(new URLSearchParams(body), browser).toString();
  }

  #translateFields(fields: URLSearchParams, browser: Browser): URLSearchParams {
    const translated = new URLSearchParams();
    for (const [name, value] of fields) translated.append(name, this.bindings.translate(value));
    const client = [...this.#clients.values()].find(({ id }) => id === translated.get('client_id'));
    if (translated.get('client_secret') === '<client_secret>')
      translated.set('client_secret', client?.secret ?? '');
    for (const name of ['csrf_token', 'csrf_token_form']) {
      if (translated.has(name)) translated.set(name, hiddenField(browser.page, name));
    }
    return translated;
  }

  #translateHeaders(
    section: RecordedSection,
    recorded: RecordedRequest,
    browser: Browser,
  ): Record<string, string> {
    const headers = Object.fromEntries(
      Object.entries(recorded.headers).map(([name, value]) => [name, this.bindings.translate(value)]),
    );
    if (headers['cookie'] !== undefined) headers['cookie'] = browser.cookie;
    if (headers['authorization'] === 'Basic <basic>')
      headers['authorization'] = this.#basic(section, recorded);
    return headers;
  }

  /** The recorder's Basic credentials: those of the client that the code or token belongs to. */
  #basic(section: RecordedSection, recorded: RecordedRequest): string {
    const owner = this.bindings.ownerOf(decodeURIComponent((recorded.body ?? '').replaceAll('+', ' ')));
    const client = [...this.#clients.values()].find(({ id }) => id === owner);
    const secret = section.name.includes('wrong secret') ? 'wrong' : (client?.secret ?? '');
    return `Basic ${Buffer.from(`${client?.id ?? ''}:${secret}`).toString('base64')}`;
  }

  #remember(step: RecordedStep, request: HttpRequest, replayed: ReplayedResponse, browser: Browser): void {
    const cookie = [replayed.headers['set-cookie']]
      .flat()
      .find((value) => value?.startsWith('authserverOpenEMR='));
    if (cookie !== undefined && browser.cookie === '') browser.cookie = cookie.split(';')[0] ?? '';
    browser.page = replayed.body;
    const clientId = this.#clientOf(step, request, browser);
    const body = step.response.body;
    if (body !== undefined && 'json' in body) this.#learnJson(body.json, replayed.body, clientId);
    if (body !== undefined && 'text' in body && /^[[{]/.test(body.text) && /^[[{]/.test(replayed.body)) {
      this.bindings.learnJsonText(
        body.text.replace(/\n?…\[\d+ chars in all\]$/, ''),
        replayed.body,
        clientId,
      );
    }
    if (step.request.method === 'POST' && step.request.url.endsWith('/token'))
      this.#rememberTokens(request, replayed, clientId);
    const location = step.response.headers.find(([name]) => name === 'location')?.[1];
    this.#learnCode(location, replayed, clientId);
  }

  #rememberTokens(request: HttpRequest, replayed: ReplayedResponse, clientId: string | undefined): void {
    if (replayed.status !== 200) return;
    const tokens = JSON.parse(replayed.body) as { access_token: string; id_token?: string };
    this.#lastAccessToken = tokens.access_token;
    this.#lastClientId = clientId;
    if (tokens.id_token === undefined) return;
    this.#lastIdToken = tokens.id_token;
    if (request.body?.includes('grant_type=authorization_code') === true)
      this.#loginIdTokens.push(tokens.id_token);
  }

  #clientOf(step: RecordedStep, request: HttpRequest, browser: Browser): string | undefined {
    const form = new URLSearchParams(request.body ?? '');
    const recordedForm = decodeURIComponent((step.request.body ?? '').replaceAll('+', ' '));
    return form.get('client_id') ?? this.bindings.ownerOf(recordedForm) ?? browser.clientId;
  }

  #learnJson(recorded: unknown, replayed: string, clientId: string | undefined): void {
    try {
      this.bindings.learn(recorded, JSON.parse(replayed), clientId);
    } catch {
      // The comparison tells that the replayed answer is no JSON.
    }
  }

  #learnCode(recorded: string | undefined, replayed: ReplayedResponse, clientId: string | undefined): void {
    const [before, after] = [recorded, replayed.headers['location']];
    if (before === undefined || typeof after !== 'string') return;
    const [label, code] = [queryOf(before).get('code'), queryOf(after).get('code')];
    if (label === null || code === null) return;
    this.bindings.bind(label, code);
    if (clientId !== undefined) this.bindings.own(label, clientId);
  }

  async #rememberClient(step: RecordedStep, replayed: ReplayedResponse): Promise<void> {
    if (!step.request.url.endsWith('/registration') || replayed.status !== 200) return;
    const metadata = JSON.parse(replayed.body) as Record<string, string> & {
      redirect_uris: string[];
      post_logout_redirect_uris?: string[];
    };
    const client = {
      id: metadata['client_id'] ?? '',
      secret: metadata['client_secret'] ?? '',
      redirectUri: metadata.redirect_uris[0] ?? '',
      scope: metadata['scope'] ?? '',
      postLogoutRedirectUris: metadata.post_logout_redirect_uris ?? [],
    };
    const name = metadata['client_name'] ?? '';
    this.#clients.set(name, client);
    if (enabledAfterRegistration.has(name)) await setEnabled(this.#baseUrl, client.id, true);
  }

  /** Tokens whose label no recorded answer gave out: made as the section's name says. */
  async #obtainUnrecorded(section: RecordedSection, step: RecordedStep): Promise<void> {
    const texts = [
      queryOf(step.request.url).toString(),
      step.request.body ?? '',
      step.request.headers['authorization'] ?? '',
    ];
    const labels = texts.flatMap((text) =>
      this.bindings.unknownLabels(decodeURIComponent(text.replaceAll('+', ' '))),
    );
    for (const label of new Set(labels)) {
      const client = this.#client(
        /lacks api:oemr|expired JWT/.test(section.name) ? 'Narrow client' : 'OE Workbench private',
      );
      this.bindings.bind(label, await this.#unrecordedToken(section.name, client));
      this.bindings.own(label, client.id);
    }
  }

  async #unrecordedToken(name: string, client: RegisteredClient): Promise<string> {
    if (/broken signature|garbage JWT/.test(name)) return withOtherSignature(this.#lastSentJwt);
    if (!name.includes('expired JWT')) return (await logIn(this.#baseUrl, client)).access_token;
    // A token of three hours ago, as its expiry is inside the signed JWT.
    await advanceClock(this.#baseUrl, -3 * 3600);
    const { access_token: token } = await logIn(this.#baseUrl, client);
    await advanceClock(this.#baseUrl, 3 * 3600);
    return token;
  }
}

function decodedPart(jwt: string, part: number): unknown {
  return JSON.parse(Buffer.from(jwt.split('.')[part] ?? '', 'base64url').toString('utf8'));
}

function withOtherSignature(jwt: string): string {
  const [header, payload, signature = ''] = jwt.split('.');
  return [header, payload, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.');
}

function withoutQuery(url: string): string {
  return url.split('?')[0] ?? url;
}

function queryOf(url: string): URLSearchParams {
  const mark = url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
}

function hiddenField(page: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? '';
}
