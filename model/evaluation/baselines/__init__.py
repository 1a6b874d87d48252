"""Published methods behind the evaluation interface: our forward passes, the authors' weights."""
