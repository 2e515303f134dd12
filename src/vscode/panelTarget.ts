import * as z from 'zod/mini';
import { panelSectionSchema } from '../protocol/panelState.ts';
import { connectionIdSchema } from '../protocol/viewModels.ts';

/** A place in a connection's panel, as a view or link names it to `openemr.openConnection`. */
export const panelTargetSchema = z.object({
  id: connectionIdSchema,
  section: panelSectionSchema,
  /** For the explorer: the type of records to begin with. */
  type: z.optional(z.string().check(z.regex(/^[A-Z][A-Za-z]{0,63}$/))),
});

export type PanelTarget = z.infer<typeof panelTargetSchema>;
