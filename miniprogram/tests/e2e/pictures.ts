/** The pictures that pictures.py has drawn for this run. */

import { join } from 'node:path';

export const pictures = (name: string): string => join(process.env.E2E_PICTURES ?? '', name);
