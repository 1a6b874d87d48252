/** Says that a picture was made by a machine, as the law asks of every place that shows one. */

import { wordsFor } from '../../behaviors/words';

Component({
  behaviors: [wordsFor('components')],
});
