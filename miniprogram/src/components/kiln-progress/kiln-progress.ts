/** The way of a work through the kiln: five chips of porcelain, inlaid one by one. */

import { wordsFor } from '../../behaviors/words';
import { t } from '../../i18n/index';
import { type Stage, STAGES, type Step, stepsAt } from './stages';

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
    steps: [] as (Step & { name: string })[],
    /** The present step as the craft calls it, and plainly. */
    craft: '',
    plain: '',
    /** 0 to 100 of the whole way, for those who hear it. */
    percent: 0,
  },

  observers: {
    'stage, share'() {
      this.draw();
    },
  },

  methods: {
    onWords() {
      this.draw();
    },

    draw() {
      const stage = this.data.stage as Stage;
      const steps = stepsAt(stage, this.data.share);
      const inlaid = steps.reduce((sum, step) => sum + step.share, 0);
      this.setData({
        steps: steps.map((step) => ({ ...step, name: t(`components.stage_${step.key}`) })),
        craft: t(`components.stage_${stage}`),
        plain: t(`components.plain_${stage}`),
        percent: Math.round((inlaid / STAGES.length) * 100),
      });
    },
  },
});
