/** The way of a work through the kiln: five chips of porcelain, inlaid one by one. */

import { wordsFor } from '../../behaviors/words';
import { type Stage, STAGES, stepsAt } from './stages';

Component({
  behaviors: [wordsFor('components')],

  properties: {
    /** 'knead', 'dry', 'fire', 'polish' or 'out'. */
    stage: { type: String, value: 'knead' },
    share: { type: Number, value: 0 },
    text: String,
    detail: String,
  },

  data: {
    steps: stepsAt('knead', 0),
    /** 0 to 100 of the whole way, for those who hear it. */
    percent: 0,
  },

  observers: {
    'stage, share'(stage: Stage, share: number) {
      const steps = stepsAt(stage, share);
      const inlaid = steps.reduce((sum, step) => sum + step.share, 0);
      this.setData({ steps, percent: Math.round((inlaid / STAGES.length) * 100) });
    },
  },
});
