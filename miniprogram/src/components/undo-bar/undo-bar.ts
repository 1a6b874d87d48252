/** Reports an action and offers to undo it, for some seconds. */

const DEFAULT_SECONDS = 8;

Component({
  options: { pureDataPattern: /^_/ },

  properties: {
    open: Boolean,
    text: String,
    action: String,
    seconds: { type: Number, value: DEFAULT_SECONDS },
  },

  data: {
    /** Counts how often the bar has been shown. */
    showing: 0,
    _timer: 0 as unknown as ReturnType<typeof setTimeout>,
  },

  observers: {
    // A new text belongs to another action, so the time starts again.
    'open, text'(open: boolean) {
      clearTimeout(this.data._timer);
      if (!open) return;
      this.setData({ showing: this.data.showing + 1 });
      this.data._timer = setTimeout(() => this.triggerEvent('expired'), this.data.seconds * 1000);
    },
  },

  lifetimes: {
    detached() {
      clearTimeout(this.data._timer);
    },
  },

  methods: {
    act() {
      clearTimeout(this.data._timer);
      this.triggerEvent('act');
    },
  },
});
