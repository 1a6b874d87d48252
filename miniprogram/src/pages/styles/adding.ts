/** Adding a style of one's own: choose, name, upload. A behaviour of the styles page, which is told by `onAdded`. */
import { t } from '../../i18n/index';
import { newKey } from '../../jobs/key';
import { wordsOf } from '../../services/errors';
import { percent } from '../../services/format';
import { photos } from '../../services/photos';
import { styles, type Style } from '../../services/styles';
import { tell } from '../tell';

interface Added {
  onAdded(style: Style): void;
}

const CLOSED = { open: false, path: '', name: '', progress: '', problem: '' };

export const adding = Behavior({
  data: { adding: CLOSED },
  methods: {
    openAdding() {
      this.setData({ adding: { ...CLOSED, open: true } });
    },

    closeAdding() {
      this.stopAdding();
      this.setData({ 'adding.open': false });
    },

    chooseFromAlbum() {
      return this.chooseFor('album');
    },

    takeForStyle() {
      return this.chooseFor('camera');
    },

    async chooseFor(source: 'album' | 'camera') {
      try {
        const photo = await photos.choose(source);
        if (photo) this.setData({ 'adding.path': photo.path, 'adding.problem': '' });
      } catch (error) {
        this.setData({ 'adding.problem': wordsOf(error) });
      }
    },

    nameStyle(event: WechatMiniprogram.Input) {
      this.setData({ 'adding.name': event.detail.value });
    },

    async add() {
      const { path, name, progress } = this.data.adding;
      if (progress) return;
      const show = (share: number) =>
        this.setData({ 'adding.progress': t('styles.adding', { percent: percent(share) }) });
      show(0);
      this.setData({ 'adding.problem': '' });
      const upload = styles.add(path, name.trim() || t('styles.name_default'), keyFor(path, name), show);
      uploads.set(this, upload);
      try {
        const style = await upload.done;
        this.closeAdding();
        tell(t('styles.added'));
        (this as unknown as Added).onAdded(style);
      } catch (error) {
        this.setData({ 'adding.progress': '', 'adding.problem': wordsOf(error) });
      } finally {
        uploads.delete(this);
      }
    },

    stopAdding() {
      uploads.get(this)?.abort();
    },
  },
});

const uploads = new WeakMap<object, { abort(): void }>();

const keys = { of: '', key: '' };

/** The same picture and name keep their key, so that a second tap after a lost connection adds nothing twice. */
function keyFor(path: string, name: string): string {
  const of = `${path}\n${name}`;
  if (keys.of !== of) Object.assign(keys, { of, key: newKey() });
  return keys.key;
}
