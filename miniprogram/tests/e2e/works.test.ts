/** The history: found, kept, thrown away, brought back. */

import { scenario, useBrowser } from './scenario';

useBrowser();

scenario('a work is found by a word of its title', async (phone) => {
  await phone.hasMade({ title: '雪山下的村子' });
  await phone.hasMade({ title: '一碗面' });
  await phone.goToTab('works');
  await phone.sees('雪山下的村子');
  await phone.searchWorksFor('一碗');
  await phone.seesNoLonger('雪山下的村子');
  await phone.sees('一碗面');

  await phone.searchWorksFor('没有这样的');
  await phone.sees(phone.say('works', 'found_none_title'));
});

scenario('works are filtered by style and strength, and the filters taken off again', async (phone) => {
  await phone.hasMade({ title: '黑陶的', tau: 1 });
  await phone.hasMade({ title: '青花的', style: 'blue-and-white-porcelain', tau: 0.3 });
  await phone.goToTab('works');
  await phone.openFilters();
  await phone.pick(phone.say('works', 'filter_style'), '青花瓷');
  await phone.applyFilters();
  await phone.seesNoLonger('黑陶的');
  await phone.sees('青花的');

  await phone.tap(phone.say('works', 'filter_clear'));
  await phone.sees('黑陶的');
  await phone.openFilters();
  await phone.named('checkbox', phone.pattern('works', 'tau_full')).click();
  await phone.applyFilters();
  await phone.seesNoLonger('青花的');
  await phone.sees('黑陶的');
});

scenario('a favourite is kept apart', async (phone) => {
  await phone.hasMade({ title: '留着的' });
  await phone.hasMade({ title: '不留的' });
  await phone.goToTab('works');
  await phone.likeWork('留着的');
  await phone.isTold(phone.say('works', 'favourite_on'));
  await phone.openFilters();
  await phone.switchOn(phone.say('works', 'filter_favourites'));
  await phone.applyFilters();
  await phone.seesNoLonger('不留的');
  await phone.sees('留着的');
});

scenario('a deleted work is brought back by undo, and is gone without it', async (phone) => {
  await phone.hasMade({ title: '删错了' });
  await phone.goToTab('works');
  await phone.removeWork('删错了');
  await phone.sees(phone.pattern('works', 'removed'));
  expect(await phone.allWorks()).toHaveLength(0);
  await phone.tap(phone.say('works', 'undo'));
  await phone.isTold(phone.say('works', 'restored'));
  expect(await phone.allWorks()).toHaveLength(1);

  await phone.removeWork('删错了');
  await phone.sees(phone.say('works', 'none_title'));
  expect(await phone.allWorks()).toHaveLength(0);
});

scenario('older works come as one scrolls down', async (phone) => {
  // Pages of four instead of twenty, so that five works are two pages.
  await phone.page.route('**/v1/stylizations?*', (route) => route.fallback({ url: route.request().url().replace('limit=20', 'limit=4') }));
  for (const title of ['第一件', '第二件', '第三件', '第四件', '第五件']) await phone.hasMade({ title });
  await phone.goToTab('works');
  await phone.sees('第五件');
  expect(phone.requestsTo('GET', /stylizations$/).filter((request) => request.url().includes('cursor='))).toEqual([]);
  await phone.scrollDown();
  await phone.sees('第一件');
}, { width: 320, height: 520 });
