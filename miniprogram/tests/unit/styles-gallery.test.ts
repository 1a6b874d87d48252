/** The groups of the gallery. */
import { hasPreparing, cardOf, detailOf, groupByCategory } from '../../src/pages/styles/gallery';
import type { Style } from '../../src/services/styles';

const inEnglish = (words: { zh: string; en: string }) => words.en;

function style(change: Partial<Style> = {}): Style {
  return {
    id: 'nixi-black-pottery',
    kind: 'preset',
    name: { zh: '尼西黑陶', en: 'Nixi black pottery' },
    category: 'clay',
    credit: { zh: '照片', en: 'Photographs' },
    story: { zh: '故事', en: 'A story' },
    default_tau: 1,
    status: 'ready',
    error: null,
    created_at: null,
    preview_url: 'https://example.com/preview',
    thumb_url: 'https://example.com/thumb',
    ...change,
  };
}

const own = style({ id: 'sty_1', kind: 'own', category: 'own', credit: null, story: null, status: 'preparing' });

test('categories stand in their order and keep the order of their styles', () => {
  const styles = [style({ id: 'wave', category: 'print' }), style(), style({ id: 'bowl' }), own];

  const groups = groupByCategory(styles, ['own', 'clay', 'ink', 'print'], inEnglish);

  expect(groups.map((group) => group.category)).toEqual(['own', 'clay', 'print']);
  expect(groups[1]?.cards.map((card) => card.id)).toEqual(['nixi-black-pottery', 'bowl']);
});

test('a style of a category that the app does not know yet is shown last', () => {
  const groups = groupByCategory([style({ category: 'glass' }), style()], ['clay'], inEnglish);

  expect(groups.map((group) => group.category)).toEqual(['clay', 'glass']);
});

test('the sheet tells name, story and credit in the reader’s language, the card the name alone', () => {
  const inChinese = (words: { zh: string; en: string }) => words.zh;

  expect(cardOf(style(), inChinese)).toMatchObject({ name: '尼西黑陶', credit: '', own: false, state: 'ready' });
  expect(detailOf(style(), inChinese)).toMatchObject({ name: '尼西黑陶', credit: '照片', story: '故事' });
});

test('an own style has neither credit nor story', () => {
  const detail = detailOf(own, inEnglish);

  expect(detail).toMatchObject({ own: true, credit: '', story: '', state: 'preparing' });
});

test('the gallery looks again only while some style is getting ready', () => {
  expect(hasPreparing([style(), own])).toBe(true);
  expect(hasPreparing([style(), style({ status: 'failed' })])).toBe(false);
});
