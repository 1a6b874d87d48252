/** The progress of a job: four marks, which fill as the job advances, and the stage in words. */

import { localizedTexts } from '../../behaviors/texts';
import { t } from '../../i18n/index';
import { markIndexOf, MARKS, marksAt, type MarkView, type Stage } from './stages';

Component({
  behaviors: [localizedTexts('components')],

  properties: {
    /** A `Stage`. */
    stage: { type: String, value: 'upload' },
    /** How much of the current mark is filled, from 0 to 1; null if that is unknown. */
    share: { type: null, value: null },
    text: String,
    detail: String,
  },

  data: {
    marks: [] as (MarkView & { name: string })[],
    name: '',
    description: '',
    isShareUnknown: false,
    /** For screen readers: the number of the current mark, from 1, and of all marks. */
    step: 1,
    stepCount: MARKS.length,
    stepText: '',
  },

  observers: {
    'stage, share, text'() {
      this.render();
    },
  },

  methods: {
    onTexts() {
      this.render();
    },

    render() {
      const { text } = this.data;
      const stage = this.data.stage as Stage;
      const share = this.data.share as number | null;
      const marks = marksAt(stage, share).map((mark) => ({ ...mark, name: t(`components.stage_${mark.key}`) }));
      const index = markIndexOf(stage);
      const stepText = t('components.step', { step: index + 1, count: MARKS.length });
      this.setData({
        marks,
        name: marks[index]?.name ?? '',
        description: t(`components.stage_text_${stage}`),
        isShareUnknown: share === null,
        step: index + 1,
        stepText: text ? t('components.step_text', { step: stepText, text }) : stepText,
      });
    },
  },
});
