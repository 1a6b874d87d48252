/** Tells what has just been done and lets it be undone, for as long as its line lasts. */

const SECONDS = 8;

Component({
  options: { pureDataPattern: /^_/ },

  properties: {
    open: Boolean,
    text: String,
    action: String,
    seconds: { type: Number, value: SECONDS },
  },

  data: {
    turn: 0,
    _going: 0 as unknown as ReturnType<typeof setTimeout>,
  },

  observers: {
    // Another text is about something else that was done, and gets its whole time.
    'open, text'(open: boolean) {
      clearTimeout(this.data._going);
      if (!open) return;
      this.setData({ turn: this.data.turn + 1 });
      this.data._going = setTimeout(() => this.triggerEvent('gone'), this.data.seconds * 1000);
    },
  },

  lifetimes: {
    detached() {
      clearTimeout(this.data._going);
    },
  },

  methods: {
    act() {
      clearTimeout(this.data._going);
      this.triggerEvent('act');
    },
  },
});
