/** Labels a picture as AI-generated, which the law requires wherever such a picture is shown. */

import { localizedTexts } from '../../behaviors/texts';

Component({
  behaviors: [localizedTexts('components')],
});
