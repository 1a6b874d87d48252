/** Page URLs as the mini program writes them: `/pages/job/job?id=1`. */

export type Query = Record<string, string>;

/** Resolves `'../job/job?id=1'` against the path of the page `from`. Query values stay encoded, as in WeChat. */
export function parsePageUrl(url: string, from: string): { path: string; query: Query } {
  const [target = '', search = ''] = url.split('?');
  const segments = target.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const segment of target.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(segment);
  }
  const pairs = search.split('&').filter(Boolean).map((pair) => pair.split('='));
  return { path: segments.join('/'), query: Object.fromEntries(pairs.map(([name = '', ...value]) => [name, value.join('=')])) };
}

/** The page URL in the hash of the browser's address, or null. */
export function pageUrlInAddress(): string | null {
  const url = location.hash.slice(1);
  return url.startsWith('/') ? url : null;
}
