/** Shown where a page has no content: a title, the reason, and an action. */

Component({
  properties: {
    title: String,
    text: String,
    action: String,
  },

  methods: {
    act() {
      this.triggerEvent('act');
    },
  },
});
