import type { BrowserContext, Locator, Page, Request } from 'playwright-core';

const pageTimeoutMs = 30_000;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

async function fillIn(page: Page, { username, password }: Credentials): Promise<void> {
  await page.locator('input[name=username]').fill(username, { timeout: pageTimeoutMs });
  await page.locator('input[name=password]').fill(password);
}

/** Presses the button for members of staff: the other one is for patients of the portal. */
async function signIn(page: Page): Promise<void> {
  const staffButton = page.locator('[name=user_role][value=api]');
  const anyButton = page.locator('[type=submit]').first();
  await ((await staffButton.count()) > 0 ? staffButton.first() : anyButton).click();
}

/** Authorize on OpenEMR's consent page, where everything that was asked for is ticked. */
const consentButton = (page: Page): Locator => page.locator('[name=proceed]').first();

/** Signs in and consents. What the browser shows afterwards depends on the callback channel. */
export async function completeLogin(
  page: Page,
  credentials: Credentials,
  screenshot: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  await fillIn(page, credentials);
  await screenshot(page, 'login-page');
  await signIn(page);
  await consentButton(page).waitFor({ timeout: pageTimeoutMs });
  await screenshot(page, 'consent-page');
  await consentButton(page).click();
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
