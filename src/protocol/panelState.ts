import * as z from 'zod/mini';
import { connectionDraftSchema, connectionIdSchema } from './viewModels.ts';

export const panelSectionSchema = z.enum([
  'connection',
  'status',
  'testResults',
  'scopes',
  'token',
  'explorer',
  'doctor',
  'transcript',
  'audit',
]);
export type PanelSection = z.infer<typeof panelSectionSchema>;

/** What a page keeps across hiding and restarts. VS Code stores it in clear text: nothing secret can be in it. */
export const panelStateSchema = z.strictObject({
  version: z.literal(1),
  connectionId: z.optional(connectionIdSchema),
  section: panelSectionSchema,
  /** The unsaved form. */
  draft: z.optional(connectionDraftSchema),
});
export type PanelState = z.infer<typeof panelStateSchema>;
