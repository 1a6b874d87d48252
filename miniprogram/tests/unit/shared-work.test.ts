/** Opening a shared work. */
import { isTemporary, styleIdByName, tokenOf, problemOf } from '../../src/pages/share/shared-work';

test('reads the token from a link and from the encoded scene of a poster', () => {
  expect(tokenOf({ token: 'shr_abc' })).toBe('shr_abc');
  expect(tokenOf({ scene: 'shr_a%2Bc' })).toBe('shr_a+c');
});

test('returns an empty token if there is none', () => {
  expect(tokenOf({})).toBe('');
});

test.each([
  ['not_found', 'unavailable'],
  ['forbidden', 'unavailable'],
  ['expired', 'expired'],
  ['check_pending', 'pending'],
  ['under_review', 'pending'],
  ['content_rejected', 'rejected'],
  ['timeout', 'offline'],
  ['not_ready', 'failed'],
])('%s is shown as %s', (code, problem) => {
  expect(problemOf(code)).toBe(problem);
});

test('only temporary problems can be retried', () => {
  expect((['unavailable', 'expired', 'pending', 'rejected', 'offline', 'failed'] as const).filter(isTemporary)).toEqual(['pending', 'offline', 'failed']);
});

test('finds the style by its name, except for a mixture or an own style', () => {
  const styles = [{ id: 'clay', name: { zh: '黑陶', en: 'Black pottery' } }];

  expect(styleIdByName({ zh: '黑陶', en: 'Black pottery' }, styles)).toBe('clay');
  expect(styleIdByName({ zh: '黑陶、水墨', en: 'Black pottery, ink' }, styles)).toBeUndefined();
});
