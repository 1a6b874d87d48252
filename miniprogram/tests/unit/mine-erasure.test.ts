/** Deleting all data of the user. */
const eraseEverything = jest.fn();
jest.mock('../../src/services/account', () => ({ account: { eraseEverything: () => eraseEverything() } }));
jest.mock('../../src/services/errors', () => ({ messageOf: (error: Error) => error.message }));
jest.mock('../../src/i18n/index', () => ({ t: () => 'delete all' }));

type Methods = Record<string, (event?: unknown) => Promise<void> | void>;
interface Erasure {
  open: boolean;
  step: string;
  typed: string;
  isConfirmed: boolean;
  problem: string;
}

/** A page with the behavior: `setData` applies paths to its data. */
async function page() {
  const globals = globalThis as unknown as Record<string, unknown>;
  globals['Behavior'] = (definition: unknown) => definition;
  globals['wx'] = { reLaunch: jest.fn() };
  const { erasure } = (await import('../../src/pages/mine/erasure')) as unknown as {
    erasure: { data: { erasure: Erasure }; methods: Methods };
  };
  return Object.assign(
    {
      data: { erasure: { ...erasure.data.erasure } },
      setData(change: Record<string, unknown>) {
        for (const [path, value] of Object.entries(change)) {
          const [, field] = path.split('.');
          if (field) Object.assign(this.data.erasure, { [field]: value });
          else this.data.erasure = { ...(value as Erasure) };
        }
      },
    },
    erasure.methods,
  ) as { data: { erasure: Erasure } } & Methods;
}

const typing = (value: string) => ({ detail: { value } });

test('deletes nothing until the phrase is typed', async () => {
  const mine = await page();
  await mine['openErasure']?.();
  await mine['continueErasure']?.();

  await mine['typePhrase']?.(typing('delete'));
  await mine['eraseEverything']?.();
  expect(eraseEverything).not.toHaveBeenCalled();

  await mine['typePhrase']?.(typing(' Delete all '));
  await mine['eraseEverything']?.();
  expect(eraseEverything).toHaveBeenCalledTimes(1);
  expect(mine.data.erasure.step).toBe('done');
});

test('shows why a deletion failed, and allows a retry', async () => {
  eraseEverything.mockRejectedValueOnce(new Error('no network'));
  const mine = await page();
  await mine['typePhrase']?.(typing('delete all'));

  await mine['eraseEverything']?.();

  expect(mine.data.erasure).toMatchObject({ step: 'confirm', problem: 'no network', isConfirmed: true });
});

test('the sheet cannot be closed during the deletion', async () => {
  const mine = await page();
  await mine['openErasure']?.();
  mine.data.erasure.step = 'busy';

  await mine['closeErasure']?.();

  expect(mine.data.erasure).toMatchObject({ open: true, step: 'busy' });
});
