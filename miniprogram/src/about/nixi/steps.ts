/** The steps of the craft in order. Each has a picture, and a name and a text in `i18n/…/nixi`. */
export const STEPS = ['clay', 'shape', 'inlay', 'dry', 'polish', 'fire', 'smoke', 'whey'] as const;
