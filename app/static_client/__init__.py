"""The page at `/`: the mini program in the browser, or instructions for building it."""
