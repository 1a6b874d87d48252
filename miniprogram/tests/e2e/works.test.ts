/** The list of works: search, filters, favourites, deletion and paging. */

import { scenario, useBrowser } from './scenario';

useBrowser();

scenario('a work is found by a part of its title', async (app) => {
  await app.createWork({ title: '雪山下的村子' });
  await app.createWork({ title: '一碗面' });
  await app.goToTab('works');
  await app.expectText('雪山下的村子');
  await app.searchWorks('一碗');
  await app.expectNoText('雪山下的村子');
  await app.expectText('一碗面');

  await app.searchWorks('没有这样的');
  await app.expectText(app.t('works', 'found_none_title'));
});

scenario('works are filtered by style and strength, and the filters can be removed', async (app) => {
  await app.createWork({ title: '黑陶的', tau: 1 });
  await app.createWork({ title: '青花的', style: 'blue-and-white-porcelain', tau: 0.3 });
  await app.goToTab('works');
  await app.openFilters();
  await app.pickOption(app.t('works', 'filter_style'), '青花瓷');
  await app.applyFilters();
  await app.expectNoText('黑陶的');
  await app.expectText('青花的');

  await app.tap(app.t('works', 'filter_clear'));
  await app.expectText('黑陶的');
  await app.openFilters();
  await app.byRole('checkbox', app.tPattern('works', 'tau_full')).click();
  await app.applyFilters();
  await app.expectNoText('青花的');
  await app.expectText('黑陶的');
});

scenario('favourites can be filtered', async (app) => {
  await app.createWork({ title: '留着的' });
  await app.createWork({ title: '不留的' });
  await app.goToTab('works');
  await app.markAsFavourite('留着的');
  await app.expectMessage(app.t('works', 'favourite_on'));
  await app.openFilters();
  await app.toggle(app.t('works', 'filter_favourites'));
  await app.applyFilters();
  await app.expectNoText('不留的');
  await app.expectText('留着的');
});

scenario('a deleted work is restored by undo and stays deleted without it', async (app) => {
  await app.createWork({ title: '删错了' });
  await app.goToTab('works');
  await app.deleteWork('删错了');
  await app.expectText(app.tPattern('works', 'removed'));
  expect(await app.listWorks()).toHaveLength(0);
  await app.tap(app.t('works', 'undo'));
  await app.expectMessage(app.t('works', 'restored'));
  expect(await app.listWorks()).toHaveLength(1);

  await app.deleteWork('删错了');
  await app.expectText(app.t('works', 'none_title'));
  expect(await app.listWorks()).toHaveLength(0);
});

scenario('older works are loaded on scrolling down', async (app) => {
  // With 4 works per page instead of 20, five works need two pages.
  await app.page.route('**/v1/stylizations?*', (route) => route.fallback({ url: route.request().url().replace('limit=20', 'limit=4') }));
  for (const title of ['第一件', '第二件', '第三件', '第四件', '第五件']) await app.createWork({ title });
  await app.goToTab('works');
  await app.expectText('第五件');
  expect(app.requestsTo('GET', /stylizations$/).filter((request) => request.url().includes('cursor='))).toEqual([]);
  await app.scrollToBottom();
  await app.expectText('第一件');
}, { width: 320, height: 520 });
