/** Error messages, and errors that the mini program recovers from by itself. */

import type { Route } from 'playwright-core';

import type { AppDriver } from './app-driver';
import { scenario, useBrowser } from './scenario';

useBrowser();

const STYLIZATIONS = '**/v1/stylizations';

/** Replaces the response to the next POST request for a stylization. Later requests reach the service. */
async function mockNextSubmission(app: AppDriver, respond: (route: Route) => Promise<void>): Promise<void> {
  await app.page.route(STYLIZATIONS, (route) => (route.request().method() === 'POST' ? respond(route) : route.fallback()), { times: 1 });
}

const errorResponse = (status: number, code: string, message: string, more: object = {}) => (route: Route) =>
  route.fulfill({ status, json: { error: { code, message, retryable: status >= 429, request_id: 'req_1', ...more } } });

const PERMANENT_ERRORS: [status: number, code: string, message: string][] = [
  [409, 'idempotency_conflict', '同一个 client_key 已用于另一个请求。'],
  [413, 'file_too_large', '图片过大，上限为 20 MB。'],
  [415, 'unsupported_image', '无法识别的图片，请换 JPEG、PNG、WebP 或 HEIC。'],
  [422, 'too_many_pixels', '图片有 60 百万像素，上限为 51 百万像素。'],
  [422, 'invalid_tau', '风格强度 tau 须为 0 到 1.5 之间的数。'],
];

for (const [status, code, message] of PERMANENT_ERRORS) {
  scenario(`a permanent error (${status} ${code}) shows the message of the service and keeps the user’s choices`, async (app) => {
    await mockNextSubmission(app, errorResponse(status, code, message));
    await app.startWork();
    await app.expectText(message);
    await app.tap(app.t('job', 'other_photo'));
    await app.byRole('img', app.t('create', 'photo_alt')).waitFor();
    await app.start();
    await app.expectResult();
  });
}

scenario('a request that is rejected because the queue is full is sent again with a tap (503)', async (app) => {
  await mockNextSubmission(app, errorResponse(503, 'queue_full', '排队人数已满，请稍后再试。'));
  await app.startWork();
  await app.expectText('排队人数已满，请稍后再试。');
  await app.tap(app.t('job', 'retry'));
  await app.expectResult();
});

scenario('a file that is not an image is rejected before anything is sent', async (app) => {
  await app.choosePhoto('not-an-image.jpg');
  await app.expectText(app.t('create', 'photo_lost'));
  await app.addPhoto();
  expect(app.requestsTo('POST', /stylizations$/)).toEqual([]);
});

scenario('a photo that is too small is rejected with the required size (422)', async (app) => {
  await app.startWork('too-small.jpg');
  await app.expectMessage(/64/);
});

scenario('a fourth queued work is rejected (429)', async (app, { worker }) => {
  worker.pause();
  await Promise.all([app.submitWork(), app.submitWork(), app.submitWork()]);
  await app.startWork();
  await app.expectText(/3/);
  expect(await app.listWorks()).toHaveLength(3);
});

scenario('after too many uploads in a minute, a countdown is shown and a retry succeeds (429)', async (app) => {
  await mockNextSubmission(app, errorResponse(429, 'rate_limited', '上传过于频繁，请 2 秒后再试。', { retry_after_s: 2 }));
  await app.startWork();
  await app.expectText(app.tPattern('job', 'retry_in'));
  await app.tap(app.t('job', 'retry'));
  await app.expectResult();
});

scenario('an expired login is renewed once in the background, and the request is sent again (401)', async (app) => {
  await app.addPhoto();
  await app.chooseStyle('尼西黑陶');
  await mockNextSubmission(app, errorResponse(401, 'unauthenticated', '请先登录。'));
  const loginCount = app.requestsTo('POST', /auth\/wechat/).length;
  await app.start();
  await app.expectResult();

  expect(app.requestsTo('POST', /auth\/wechat/)).toHaveLength(loginCount + 1);
  expect(app.requestsTo('POST', /stylizations$/)).toHaveLength(2);
});

scenario('an HTML error page of a proxy is retried, then a plain message is shown (502)', async (app) => {
  await app.page.route(STYLIZATIONS, (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' }) : route.fallback()));
  await app.startWork();
  await app.expectText(app.t('errors', 'server_error'));
  expect(app.requestsTo('POST', /stylizations$/)).toHaveLength(3);

  await app.page.unroute(STYLIZATIONS);
  await app.tap(app.t('job', 'retry'));
  await app.expectResult();
});

scenario('an interrupted upload is sent again with the same key and creates one work', async (app) => {
  // The service receives the first request, but its response is lost.
  await mockNextSubmission(app, async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  await app.startWork();
  await app.expectResult();

  const keys = app.requestsTo('POST', /stylizations$/).map((request) => request.headers()['idempotency-key']);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
  expect(await app.listWorks()).toHaveLength(1);
});

scenario('images with expired URLs are loaded again with new URLs', async (app) => {
  const work = await app.createWork();
  // The URLs are expired, as if the page had been open since yesterday.
  await app.page.route(`**/v1/stylizations/${work.id}`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/exp=\d+/g, 'exp=1700000000') });
  }, { times: 1 });
  await app.openApp(`/#/pages/job/job?id=${work.id}`);
  await app.expectResult();
  await app.expectImages(2);
  expect(app.requestsTo('GET', new RegExp(work.id))).toHaveLength(2);
});

scenario('without a network the last works are shown with a notice', async (app) => {
  await app.createWork({ title: '一只红罐' });
  await app.goToTab('works');
  await app.expectText('一只红罐');
  await app.goOffline();
  await app.goToTab('mine');
  await app.goToTab('works');
  await app.expectText(app.t('works', 'offline'));
  await app.expectText('一只红罐');

  await app.goOnline();
  await app.expectNoText(app.t('works', 'offline'));
});

scenario('a work that is started without a network is sent when the network returns', async (app) => {
  await app.addPhoto();
  await app.chooseStyle('尼西黑陶');
  await app.goOffline();
  await app.start();
  await app.expectText(app.t('job', 'cut_off_title'));
  await app.goOnline();
  await app.expectResult();
  expect(await app.listWorks()).toHaveLength(1);
});

scenario('a work that does not exist is reported as missing', async (app) => {
  await app.openApp('/#/pages/job/job?id=stl_00000000000000000000000000000000');
  await app.expectText(app.t('job', 'missing_title'));
});
