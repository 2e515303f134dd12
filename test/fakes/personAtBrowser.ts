/** What a person does in a browser between the authorization request and the redirect back, over plain HTTP. */
export interface Person {
  readonly username: string;
  readonly password: string;
  /** Scopes whose boxes are unticked on the consent page. */
  readonly unticks?: readonly string[];
  /** The browser; one that ignores certificates for a server with its own. */
  readonly fetch?: typeof fetch;
}

interface Page {
  readonly url: string;
  readonly html: string;
}

const maxSteps = 12;

/** Signs in, takes the first patient where one is to be chosen, and consents; answers with the address that the browser is sent back to, without opening it. */
export async function signIn(authorizationUrl: string, person: Person): Promise<string> {
  const browser = new CookieBrowser(new URL(authorizationUrl).origin, person.fetch ?? fetch);
  let page = await browser.get(authorizationUrl);
  for (let step = 0; step < maxSteps; step++) {
    if (typeof page === 'string') return page;
    page = await browser.submit(page, fieldsFor(page, person));
  }
  throw new Error('The sign-in pages do not come to an end.');
}

function fieldsFor({ html }: Page, person: Person): URLSearchParams {
  const fields = new URLSearchParams();
  const patient = /<input\b[^>]*name="patient_id"[^>]*>/.exec(html)?.[0];
  if (patient) fields.set('patient_id', attribute(patient, 'value') ?? '');
  for (const [input] of html.matchAll(/<input\b[^>]*>/g)) {
    // The page of 8.2 has a script put the ticked boxes of resources into the form.
    const scope = attribute(input, 'data-scope');
    const name = attribute(input, 'name') ?? (scope && `scope[${scope}]`);
    const isBox = /^(checkbox|radio)$/.test(attribute(input, 'type') ?? '');
    if (!name || (isBox && !/\bchecked\b/.test(input)) || fields.has(name)) continue;
    if (person.unticks?.some((untick) => name === `scope[${untick}]`)) continue;
    fields.append(name, attribute(input, 'value') ?? '');
  }
  if (/name="password"/.test(html)) {
    fields.set('username', person.username);
    fields.set('password', person.password);
    fields.set('user_role', 'api');
  }
  const button = /<button\b[^>]*name="[^"]*"[^>]*>/.exec(html)?.[0];
  if (button) fields.set(attribute(button, 'name') ?? '', attribute(button, 'value') ?? '');
  return fields;
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value
    ?.replace(/&amp;/g, '&')
    .replace(/&quot;/g, '"')
    .replace(/&#0?39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>');
}

class CookieBrowser {
  readonly #origin: string;
  readonly #fetch: typeof fetch;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string, browserFetch: typeof fetch) {
    this.#origin = origin;
    this.#fetch = browserFetch;
  }

  get(url: string): Promise<Page | string> {
    return this.#request('GET', url);
  }

  submit({ url, html }: Page, fields: URLSearchParams): Promise<Page | string> {
    const form = /<form\b[^>]*method="post"[^>]*>/i.exec(html)?.[0] ?? '';
    return this.#request('POST', new URL(attribute(form, 'action') ?? '', url).href, fields);
  }

  /** Follows redirects within the server; one that leads elsewhere is the way back. */
  async #request(method: 'GET' | 'POST', url: string, body?: URLSearchParams): Promise<Page | string> {
    if (new URL(url).origin !== this.#origin) return url;
    const response = await this.#fetch(url, {
      method,
      redirect: 'manual',
      headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(body ? { body } : {}),
    });
    this.#keepCookies(response);
    const location = response.headers.get('location');
    if (!location) return { url, html: await response.text() };
    const target = URL.parse(location, url)?.href ?? location;
    return response.status === 307 ? this.#request(method, target, body) : this.#request('GET', target);
  }

  #keepCookies(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === 'deleted' || value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}
