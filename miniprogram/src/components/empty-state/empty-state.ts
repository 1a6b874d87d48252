/** Stands where a page has nothing to show yet, says why, and offers the way on. */

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
