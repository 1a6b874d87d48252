/** A line of text about the state of the page, with at most one action. */

Component({
  properties: {
    /** 'error', 'offline' or 'info'. */
    kind: { type: String, value: 'info' },
    text: String,
    action: String,
  },

  methods: {
    act() {
      this.triggerEvent('act');
    },
  },
});
