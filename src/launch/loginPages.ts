import type { BrowserContext, Page, Request } from 'playwright-core';

const pageTimeoutMs = 30_000;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** OpenEMR's login page as a member of staff uses it: the other button is for patients of the portal. */
async function signIn(page: Page, { username, password }: Credentials): Promise<void> {
  await page.locator('input[name=username]').fill(username, { timeout: pageTimeoutMs });
  await page.locator('input[name=password]').fill(password);
  const staffButton = page.locator('[name=user_role][value=api]');
  const anyButton = page.locator('[type=submit]').first();
  await ((await staffButton.count()) > 0 ? staffButton.first() : anyButton).click();
}

/** OpenEMR's consent page: everything that was asked for stays ticked. */
async function authorize(page: Page): Promise<void> {
  const button = page.locator('[name=proceed]').first();
  await button.click({ timeout: pageTimeoutMs });
}

/** Signs in and consents. What the browser shows afterwards depends on the callback channel. */
export async function completeLogin(page: Page, credentials: Credentials): Promise<void> {
  await signIn(page, credentials);
  await authorize(page);
}

/**
 * Watches for the address with the code that the browser is sent to, even where nobody answers there: a refused page
 * itself forgets its address.
 */
export function watchForCallback(context: BrowserContext): Promise<string> {
  return new Promise((resolve) => {
    const look = (request: Request) => {
      const url = new URL(request.url());
      if (
        !request.isNavigationRequest() ||
        !url.pathname.endsWith('/callback') ||
        !url.searchParams.has('code')
      )
        return;
      context.off('request', look);
      resolve(request.url());
    };
    context.on('request', look);
  });
}
