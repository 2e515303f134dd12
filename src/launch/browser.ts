import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import type { BrowserContext } from 'playwright-core';
import { chromiumExecutable } from './chromium.ts';

export interface BrowserOptions {
  /** The profile: VS Code in the browser keeps its secrets there. */
  readonly profileFolder: string;
  /** Accepts certificates that nobody vouches for, as a person who clicks past the warning does. */
  readonly ignoreCertificateErrors?: boolean;
}

const quietFlags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function flags(): string[] {
  // Chromium's sandbox does not work for root.
  return process.getuid?.() === 0 ? ['--no-sandbox', ...quietFlags] : quietFlags;
}

/**
 * Opens a headless Chromium whose pop-up blocker works as a person's does (Playwright switches it off by default).
 * @throws MissingRequirement where there is no Chromium.
 */
export async function openBrowser(options: BrowserOptions): Promise<BrowserContext> {
  await mkdir(options.profileFolder, { recursive: true });
  return chromium.launchPersistentContext(options.profileFolder, {
    executablePath: await chromiumExecutable(),
    headless: true,
    args: flags(),
    ignoreDefaultArgs: ['--disable-popup-blocking'],
    ignoreHTTPSErrors: options.ignoreCertificateErrors ?? false,
    viewport: { width: 1360, height: 900 },
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
