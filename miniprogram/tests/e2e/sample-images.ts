/** The images that sample_images.py created for this run. */

import { join } from 'node:path';

/** The path of a sample image. */
export const sampleImage = (name: string): string => join(process.env.E2E_IMAGES ?? '', name);
