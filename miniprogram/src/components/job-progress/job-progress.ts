/** The progress of a job: one mark for each stage, filled as the stage advances. */

import { localizedTexts } from '../../behaviors/texts';
import { t } from '../../i18n/index';
import { type Stage, STAGES, type StageView, stagesAt } from './stages';

Component({
  behaviors: [localizedTexts('components')],

  properties: {
    /** 'upload', 'queue', 'render' or 'done'. */
    stage: { type: String, value: 'upload' },
    /** The progress within the stage, from 0 to 1. */
    share: { type: Number, value: 0 },
    text: String,
    detail: String,
  },

  data: {
    stages: [] as (StageView & { name: string })[],
    name: '',
    description: '',
    /** The total progress, for screen readers. */
    percent: 0,
  },

  observers: {
    'stage, share'() {
      this.render();
    },
  },

  methods: {
    onTexts() {
      this.render();
    },

    render() {
      const stage = this.data.stage as Stage;
      const stages = stagesAt(stage, this.data.share);
      const total = stages.reduce((sum, { share }) => sum + share, 0);
      this.setData({
        stages: stages.map((each) => ({ ...each, name: t(`components.stage_${each.key}`) })),
        name: t(`components.stage_${stage}`),
        description: t(`components.stage_text_${stage}`),
        percent: Math.round((total / STAGES.length) * 100),
      });
    },
  },
});
