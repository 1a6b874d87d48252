/** Deleting all of one's data: it takes the words, and it says when it failed. */
const eraseEverything = jest.fn();
jest.mock('../../src/services/account', () => ({ account: { eraseEverything: () => eraseEverything() } }));
jest.mock('../../src/services/errors', () => ({ messageOf: (error: Error) => error.message }));
jest.mock('../../src/i18n/index', () => ({ t: () => 'delete all' }));

type Methods = Record<string, (event?: unknown) => Promise<void> | void>;
interface Erasing {
  open: boolean;
  step: string;
  typed: string;
  agreed: boolean;
  problem: string;
}

/** As a page holds the behaviour: data that `setData` changes by paths, and its methods. */
async function page() {
  const globals = globalThis as unknown as Record<string, unknown>;
  globals['Behavior'] = (definition: unknown) => definition;
  globals['wx'] = { reLaunch: jest.fn() };
  const { erasing } = (await import('../../src/pages/mine/erasure')) as unknown as {
    erasing: { data: { erasing: Erasing }; methods: Methods };
  };
  return Object.assign(
    {
      data: { erasing: { ...erasing.data.erasing } },
      setData(change: Record<string, unknown>) {
        for (const [path, value] of Object.entries(change)) {
          const [, field] = path.split('.');
          if (field) Object.assign(this.data.erasing, { [field]: value });
          else this.data.erasing = { ...(value as Erasing) };
        }
      },
    },
    erasing.methods,
  ) as { data: { erasing: Erasing } } & Methods;
}

const typing = (value: string) => ({ detail: { value } });

test('nothing is deleted until the words are typed', async () => {
  const mine = await page();
  await mine['askErase']?.();
  await mine['makeSure']?.();

  await mine['typeErase']?.(typing('delete'));
  await mine['erase']?.();
  expect(eraseEverything).not.toHaveBeenCalled();

  await mine['typeErase']?.(typing(' Delete all '));
  await mine['erase']?.();
  expect(eraseEverything).toHaveBeenCalledTimes(1);
  expect(mine.data.erasing.step).toBe('done');
});

test('a deletion that failed says why and can be tried again', async () => {
  eraseEverything.mockRejectedValueOnce(new Error('no network'));
  const mine = await page();
  await mine['typeErase']?.(typing('delete all'));

  await mine['erase']?.();

  expect(mine.data.erasing).toMatchObject({ step: 'sure', problem: 'no network', agreed: true });
});

test('the sheet cannot be left while it deletes', async () => {
  const mine = await page();
  await mine['askErase']?.();
  mine.data.erasing.step = 'busy';

  await mine['leaveErase']?.();

  expect(mine.data.erasing).toMatchObject({ open: true, step: 'busy' });
});
