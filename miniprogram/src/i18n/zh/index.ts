/** All Chinese texts, by area. */
import { common } from './common';
import { components } from './components';
import { create } from './create';
import { errors } from './errors';
import { job } from './job';
import { marks } from './marks';
import { mine } from './mine';
import { nixi } from './nixi';
import { privacy } from './privacy';
import { share } from './share';
import { styles } from './styles';
import { works } from './works';

export const texts = { common, components, create, errors, job, marks, mine, nixi, privacy, share, styles, works };
