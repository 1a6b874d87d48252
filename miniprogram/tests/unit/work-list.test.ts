/** The list of works, with a fake backend. */
import { AppError } from '../../src/services/errors';
import type { Stylization } from '../../src/services/stylizations';
import { NO_FILTERS } from '../../src/pages/works/filters';
import { type WorkBackend, WorkList } from '../../src/pages/works/work-list';
import { FakeWx } from './fake-wx';

beforeAll(() => new FakeWx().install());

const failure = (code: string) => new AppError(code, { message: code });

/** `work(7)` is older than `work(8)`. */
function work(age: number, change: Partial<Stylization> = {}): Stylization {
  const created_at = `2026-01-${String(age).padStart(2, '0')}T00:00:00Z`;
  return { id: `stl_${age}`, created_at, status: 'done', favourite: false, ...change } as Stylization;
}

function listWith(backend: Partial<jest.Mocked<WorkBackend>>) {
  const all: jest.Mocked<WorkBackend> = {
    search: jest.fn().mockResolvedValue({ items: [], next: null }),
    find: jest.fn(),
    remove: jest.fn().mockResolvedValue(undefined),
    restore: jest.fn(),
    setFavourite: jest.fn(),
    saveRecent: jest.fn(),
    recent: jest.fn().mockReturnValue([]),
    ...backend,
  };
  const changed = jest.fn();
  return { list: new WorkList(all, changed), backend: all, changed };
}

const page = (items: Stylization[], next: string | null = null) => ({ items, next });
const ids = (list: WorkList) => list.works.map((each) => each.id);

test('the next page is requested with the cursor, and nothing after the last page', async () => {
  const search = jest.fn().mockResolvedValueOnce(page([work(9)], 'c1')).mockResolvedValueOnce(page([work(8)]));
  const { list } = listWith({ search });

  await list.show(NO_FILTERS);
  await list.loadMore();
  await list.loadMore();

  expect(ids(list)).toEqual(['stl_9', 'stl_8']);
  expect(search.mock.calls.map(([, cursor]) => cursor)).toEqual([null, 'c1']);
  expect(list.isEnd).toBe(true);
});

test('a response to an outdated request is ignored', async () => {
  let respondToFirst: (value: ReturnType<typeof page>) => void = () => undefined;
  const search = jest
    .fn()
    .mockReturnValueOnce(new Promise((resolve) => (respondToFirst = resolve)))
    .mockResolvedValueOnce(page([work(2)]));
  const { list } = listWith({ search });

  const first = list.show(NO_FILTERS);
  await list.show({ ...NO_FILTERS, favourites: true });
  respondToFirst(page([work(1)]));
  await first;

  expect(ids(list)).toEqual(['stl_2']);
});

test('a refresh adds new works at the top and keeps the loaded pages', async () => {
  const search = jest
    .fn()
    .mockResolvedValueOnce(page([work(8), work(7)], 'c1'))
    .mockResolvedValueOnce(page([work(6)], 'c2'))
    .mockResolvedValueOnce(page([work(9), work(8)], 'c0'))
    .mockResolvedValueOnce(page([work(5)]));
  const { list } = listWith({ search });
  await list.show(NO_FILTERS);
  await list.loadMore();

  await list.refresh();
  await list.loadMore();

  expect(ids(list)).toEqual(['stl_9', 'stl_8', 'stl_7', 'stl_6', 'stl_5']);
  expect(search).toHaveBeenLastCalledWith({}, 'c2');
});

test('only the unfiltered history is saved for offline use', async () => {
  const { list, backend } = listWith({ search: jest.fn().mockResolvedValue(page([work(1)])) });

  await list.show({ ...NO_FILTERS, favourites: true });
  expect(backend.saveRecent).not.toHaveBeenCalled();

  await list.show(NO_FILTERS);
  expect(backend.saveRecent).toHaveBeenCalledWith([work(1)]);
});

test('shows the saved works while offline', async () => {
  const search = jest.fn().mockRejectedValue(failure('offline'));
  const { list } = listWith({ search, recent: jest.fn().mockReturnValue([work(3)]) });

  await list.show(NO_FILTERS);

  expect(list.stage).toBe('offline');
  expect(ids(list)).toEqual(['stl_3']);
});

test('an offline search shows nothing', async () => {
  const search = jest.fn().mockRejectedValue(failure('offline'));
  const { list } = listWith({ search, recent: jest.fn().mockReturnValue([work(3)]) });

  await list.show({ ...NO_FILTERS, query: 'sea' });

  expect(ids(list)).toEqual([]);
});

test('a page that failed can be requested again', async () => {
  const search = jest
    .fn()
    .mockResolvedValueOnce(page([work(9)], 'c1'))
    .mockRejectedValueOnce(failure('server_error'))
    .mockResolvedValueOnce(page([work(8)]));
  const { list } = listWith({ search });
  await list.show(NO_FILTERS);

  await list.loadMore();
  expect(list.stage).toBe('moreFailed');

  await list.loadMore();
  expect(ids(list)).toEqual(['stl_9', 'stl_8']);
});

test('a deleted work disappears at once and returns to its place after undo', async () => {
  const search = jest.fn().mockResolvedValue(page([work(9), work(8), work(7)]));
  const { list } = listWith({ search, restore: jest.fn().mockResolvedValue(work(8)) });
  await list.show(NO_FILTERS);

  const removal = list.remove('stl_8');
  expect(ids(list)).toEqual(['stl_9', 'stl_7']);
  await removal;
  await list.restore('stl_8');

  expect(ids(list)).toEqual(['stl_9', 'stl_8', 'stl_7']);
});

test('a work that cannot be deleted comes back', async () => {
  const search = jest.fn().mockResolvedValue(page([work(9), work(8)]));
  const { list } = listWith({ search, remove: jest.fn().mockRejectedValue(failure('offline')) });
  await list.show(NO_FILTERS);

  await expect(list.remove('stl_9')).rejects.toThrow('offline');

  expect(ids(list)).toEqual(['stl_9', 'stl_8']);
});

test('a favourite changes at once and is reverted if the service fails', async () => {
  const search = jest.fn().mockResolvedValue(page([work(9)]));
  const { list } = listWith({ search, setFavourite: jest.fn().mockRejectedValue(failure('offline')) });
  await list.show(NO_FILTERS);

  const toggling = list.toggleFavourite('stl_9');
  expect(list.works[0]?.favourite).toBe(true);
  await expect(toggling).rejects.toThrow('offline');

  expect(list.works[0]?.favourite).toBe(false);
});

test('a broken picture is reloaded once', async () => {
  const search = jest.fn().mockResolvedValue(page([work(9)]));
  const find = jest.fn().mockResolvedValue(work(9, { title: 'renewed' }));
  const { list } = listWith({ search, find });
  await list.show(NO_FILTERS);

  await list.refreshPicture('stl_9');
  await list.refreshPicture('stl_9');

  expect(find).toHaveBeenCalledTimes(1);
  expect(list.works[0]?.title).toBe('renewed');
});

test('unfinished works are polled, and one that was deleted elsewhere disappears', async () => {
  const search = jest.fn().mockResolvedValue(page([work(9, { status: 'running' }), work(8, { status: 'queued' }), work(7)]));
  const find = jest.fn((id: string) =>
    id === 'stl_9' ? Promise.resolve(work(9)) : Promise.reject(failure('not_found')),
  );
  const { list } = listWith({ search, find });
  await list.show(NO_FILTERS);

  await list.pollUnfinished();

  expect(ids(list)).toEqual(['stl_9', 'stl_7']);
  expect(list.unfinished()).toEqual([]);
});
