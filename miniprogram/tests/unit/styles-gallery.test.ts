/** The style gallery. */
import { groupByCategory, hasPreparing, styleCardOf, styleDetailsOf } from '../../src/pages/styles/gallery';
import type { LocalizedText } from '../../src/i18n/index';
import type { Style } from '../../src/services/styles';

const inEnglish = (text: LocalizedText) => text.en;

function style(change: Partial<Style> = {}): Style {
  return {
    id: 'nixi-black-pottery',
    kind: 'preset',
    name: { zh: '尼西黑陶', en: 'Nixi black pottery' },
    category: 'clay',
    credit: { zh: '照片', en: 'Photos' },
    story: { zh: '故事', en: 'A story' },
    default_tau: 1,
    status: 'ready',
    refinement: 'none',
    error: null,
    created_at: null,
    preview_url: 'https://example.com/preview',
    thumb_url: 'https://example.com/thumb',
    ...change,
  };
}

const own = style({ id: 'sty_1', kind: 'own', category: 'own', credit: null, story: null, status: 'preparing' });

test('groups are in the order of the categories and keep the order of their styles', () => {
  const styles = [style({ id: 'wave', category: 'print' }), style(), style({ id: 'bowl' }), own];

  const groups = groupByCategory(styles, ['own', 'clay', 'ink', 'print'], inEnglish);

  expect(groups.map((group) => group.category)).toEqual(['own', 'clay', 'print']);
  expect(groups[1]?.cards.map((card) => card.id)).toEqual(['nixi-black-pottery', 'bowl']);
});

test('an unknown category comes last', () => {
  const groups = groupByCategory([style({ category: 'glass' }), style()], ['clay'], inEnglish);

  expect(groups.map((group) => group.category)).toEqual(['clay', 'glass']);
});

test('the details contain the localized name, story and credit', () => {
  const inChinese = (text: LocalizedText) => text.zh;

  expect(styleCardOf(style(), inChinese)).toMatchObject({ name: '尼西黑陶', own: false, status: 'ready' });
  expect(styleDetailsOf(style(), inChinese)).toMatchObject({ name: '尼西黑陶', credit: '照片', story: '故事' });
});

test('an own style has neither credit nor story', () => {
  const details = styleDetailsOf(own, inEnglish);

  expect(details).toMatchObject({ own: true, credit: '', story: '', status: 'preparing' });
});

test('polls only while a style is being prepared', () => {
  expect(hasPreparing([style(), own])).toBe(true);
  expect(hasPreparing([style(), style({ status: 'failed' })])).toBe(false);
});
