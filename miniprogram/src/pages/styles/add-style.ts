/** Adding an own style: choose a picture, name it, upload it. A behavior of the styles page and the create page; calls `onStyleAdded` of the page. */
import { t } from '../../i18n/index';
import { newClientKey } from '../../jobs/client-key';
import { messageOf } from '../../services/errors';
import { percent } from '../../services/format';
import { photos } from '../../services/photos';
import { styles, type Style } from '../../services/styles';
import { showToast } from '../toast';

interface HostPage {
  onStyleAdded(style: Style): void;
}

const CLOSED = { open: false, path: '', name: '', progress: '', problem: '' };

export const addStyle = Behavior({
  data: { newStyle: CLOSED },
  methods: {
    openNewStyle() {
      this.setData({ newStyle: { ...CLOSED, open: true } });
    },

    closeNewStyle() {
      this.cancelStyleUpload();
      this.setData({ 'newStyle.open': false });
    },

    chooseStylePhoto() {
      return this.loadStylePhoto('album');
    },

    takeStylePhoto() {
      return this.loadStylePhoto('camera');
    },

    async loadStylePhoto(source: 'album' | 'camera') {
      try {
        const photo = await photos.choose(source);
        if (photo) this.setData({ 'newStyle.path': photo.path, 'newStyle.problem': '' });
      } catch (error) {
        this.setData({ 'newStyle.problem': messageOf(error) });
      }
    },

    typeStyleName(event: WechatMiniprogram.Input) {
      this.setData({ 'newStyle.name': event.detail.value });
    },

    async uploadStyle() {
      const { path, name, progress } = this.data.newStyle;
      if (progress) return;
      const showProgress = (share: number) =>
        this.setData({ 'newStyle.progress': t('styles.adding', { percent: percent(share) }) });
      showProgress(0);
      this.setData({ 'newStyle.problem': '' });
      const upload = styles.add(path, name.trim() || t('styles.name_default'), clientKeyFor(path, name), showProgress);
      uploads.set(this, upload);
      try {
        const style = await upload.done;
        this.closeNewStyle();
        showToast(t('styles.added'));
        (this as unknown as HostPage).onStyleAdded(style);
      } catch (error) {
        this.setData({ 'newStyle.progress': '', 'newStyle.problem': messageOf(error) });
      } finally {
        uploads.delete(this);
      }
    },

    cancelStyleUpload() {
      uploads.get(this)?.abort();
    },
  },
});

const uploads = new WeakMap<object, { abort(): void }>();

const lastKey = { input: '', key: '' };

/** The same picture and name get the same key, so that a second tap after a lost connection does not add the style twice. */
function clientKeyFor(path: string, name: string): string {
  const input = `${path}\n${name}`;
  if (lastKey.input !== input) Object.assign(lastKey, { input, key: newClientKey() });
  return lastKey.key;
}
