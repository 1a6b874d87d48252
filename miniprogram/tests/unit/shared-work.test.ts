/** How a shared work is opened, and what is said when it does not show. */
import { isTemporary, styleIdByName, tokenOf, problemOf } from '../../src/pages/share/shared-work';

test('a link names the work, and so does the encoded scene of a poster', () => {
  expect(tokenOf({ token: 'shr_abc' })).toBe('shr_abc');
  expect(tokenOf({ scene: 'shr_a%2Bc' })).toBe('shr_a+c');
});

test('without a name there is none', () => {
  expect(tokenOf({})).toBe('');
});

test.each([
  ['not_found', 'gone'],
  ['forbidden', 'gone'],
  ['expired', 'expired'],
  ['check_pending', 'pending'],
  ['under_review', 'pending'],
  ['content_rejected', 'rejected'],
  ['timeout', 'offline'],
  ['not_ready', 'failed'],
])('%s is told as %s', (code, trouble) => {
  expect(problemOf(code)).toBe(trouble);
});

test('only what may pass can be tried again', () => {
  expect((['gone', 'expired', 'pending', 'rejected', 'offline', 'failed'] as const).filter(isTemporary)).toEqual(['pending', 'offline', 'failed']);
});

test('the style of a shared work is found by its name, unless it is a mixture or somebody\'s own', () => {
  const styles = [{ id: 'clay', name: { zh: '黑陶', en: 'Black pottery' } }];

  expect(styleIdByName({ zh: '黑陶', en: 'Black pottery' }, styles)).toBe('clay');
  expect(styleIdByName({ zh: '黑陶、水墨', en: 'Black pottery, ink' }, styles)).toBeUndefined();
});
