/** The steps of the craft in their order; each has a picture and two words in the dictionary. */
export const STEPS = ['clay', 'shape', 'inlay', 'dry', 'polish', 'fire', 'smoke', 'whey'] as const;
