/** What a person is told when something goes wrong, and what the mini program puts right by itself. */

import type { Route } from 'playwright-core';

import type { Phone } from './phone';
import { scenario, useBrowser } from './scenario';

useBrowser();

const ORDERS = '**/v1/stylizations';

/** The next order is answered so; those after it reach the service. */
async function answerNextOrder(phone: Phone, answer: (route: Route) => Promise<void>): Promise<void> {
  await phone.page.route(ORDERS, (route) => (route.request().method() === 'POST' ? answer(route) : route.fallback()), { times: 1 });
}

const envelope = (status: number, code: string, message: string, more: object = {}) => (route: Route) =>
  route.fulfill({ status, json: { error: { code, message, retryable: status >= 429, request_id: 'req_1', ...more } } });

const NO_USE: [status: number, code: string, message: string][] = [
  [409, 'idempotency_conflict', '同一个 client_key 已用于另一个请求。'],
  [413, 'file_too_large', '图片过大，上限为 20 MB。'],
  [415, 'unsupported_image', '无法识别的图片，请换 JPEG、PNG、WebP 或 HEIC。'],
  [422, 'decompression_bomb', '图片像素过多，上限为 50 百万像素。'],
  [422, 'invalid_tau', '风格强度 tau 须为 0 到 1.5 之间的数。'],
];

for (const [status, code, message] of NO_USE) {
  scenario(`an order refused for what it is (${status} ${code}) is told in the service’s words, with all that was chosen kept`, async (phone) => {
    await answerNextOrder(phone, envelope(status, code, message));
    await phone.startsWork();
    await phone.sees(message);
    await phone.tap(phone.say('job', 'other_photo'));
    await phone.named('img', phone.say('create', 'photo_alt')).waitFor();
    await phone.start();
    await phone.seesResult();
  });
}

scenario('an order refused because all lines are full is sent again by a tap (503)', async (phone) => {
  await answerNextOrder(phone, envelope(503, 'queue_full', '排队人数已满，请稍后再试。'));
  await phone.startsWork();
  await phone.sees('排队人数已满，请稍后再试。');
  await phone.tap(phone.say('job', 'retry'));
  await phone.seesResult();
});

scenario('a file that is no picture is turned away before anything is sent', async (phone) => {
  await phone.choosePhoto('not-a-picture.jpg');
  await phone.sees(phone.say('create', 'photo_lost'));
  await phone.hasPhoto();
  expect(phone.requestsTo('POST', /stylizations$/)).toEqual([]);
});

scenario('a photo that is too small is refused with the size that is needed (422)', async (phone) => {
  await phone.startsWork('too-small.jpg');
  await phone.isTold(/64/);
});

scenario('a fourth work in line is refused until others are done (429)', async (phone, { worker }) => {
  worker.hold();
  await Promise.all([phone.orders(), phone.orders(), phone.orders()]);
  await phone.startsWork();
  await phone.sees(/3/);
  expect(await phone.allWorks()).toHaveLength(3);
});

scenario('too many uploads in a minute are counted down, then go through (429)', async (phone) => {
  await answerNextOrder(phone, envelope(429, 'rate_limited', '上传过于频繁，请 2 秒后再试。', { retry_after_s: 2 }));
  await phone.startsWork();
  await phone.sees(phone.pattern('job', 'retry_in'));
  await phone.tap(phone.say('job', 'retry'));
  await phone.seesResult();
});

scenario('a login that has ended is renewed once, unseen, and the request sent again (401)', async (phone) => {
  await phone.hasPhoto();
  await phone.chooseStyle('尼西黑陶');
  await answerNextOrder(phone, envelope(401, 'unauthenticated', '请先登录。'));
  const before = phone.requestsTo('POST', /auth\/wechat/).length;
  await phone.start();
  await phone.seesResult();

  expect(phone.requestsTo('POST', /auth\/wechat/)).toHaveLength(before + 1);
  expect(phone.requestsTo('POST', /stylizations$/)).toHaveLength(2);
});

scenario('a proxy’s own page of HTML is tried again, then told in plain words (502)', async (phone) => {
  await phone.page.route(ORDERS, (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' }) : route.fallback()));
  await phone.startsWork();
  await phone.sees(phone.say('errors', 'server_error'));
  expect(phone.requestsTo('POST', /stylizations$/)).toHaveLength(3);

  await phone.page.unroute(ORDERS);
  await phone.tap(phone.say('job', 'retry'));
  await phone.seesResult();
});

scenario('an upload that breaks off is sent again with the same key, and makes one work', async (phone) => {
  // The service gets the first one and answers; the answer is lost on the way.
  await answerNextOrder(phone, async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  await phone.startsWork();
  await phone.seesResult();

  const keys = phone.requestsTo('POST', /stylizations$/).map((request) => request.headers()['idempotency-key']);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
  expect(await phone.allWorks()).toHaveLength(1);
});

scenario('pictures whose addresses have run out are fetched by new ones', async (phone) => {
  const work = await phone.hasMade();
  // As if the page had been open since yesterday: the addresses that it has are those of then.
  await phone.page.route(`**/v1/stylizations/${work.id}`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace(/exp=\d+/g, 'exp=1700000000') });
  }, { times: 1 });
  await phone.openApp(`/#/pages/job/job?id=${work.id}`);
  await phone.seesResult();
  await phone.seesPictures(2);
  expect(phone.requestsTo('GET', new RegExp(work.id))).toHaveLength(2);
});

scenario('without a network the last works are still there, and it says so', async (phone) => {
  await phone.hasMade({ title: '一只红罐' });
  await phone.goToTab('works');
  await phone.sees('一只红罐');
  await phone.loseNetwork();
  await phone.goToTab('mine');
  await phone.goToTab('works');
  await phone.sees(phone.say('works', 'offline'));
  await phone.sees('一只红罐');

  await phone.findNetwork();
  await phone.seesNoLonger(phone.say('works', 'offline'));
});

scenario('an order made without a network goes out once there is one', async (phone) => {
  await phone.hasPhoto();
  await phone.chooseStyle('尼西黑陶');
  await phone.loseNetwork();
  await phone.start();
  await phone.sees(phone.say('job', 'cut_off_title'));
  await phone.findNetwork();
  await phone.seesResult();
  expect(await phone.allWorks()).toHaveLength(1);
});

scenario('a work that somebody else deleted is said to be missing', async (phone) => {
  await phone.openApp('/#/pages/job/job?id=stl_00000000000000000000000000000000');
  await phone.sees(phone.say('job', 'missing_title'));
});
