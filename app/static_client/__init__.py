"""What a person sees at `/`: the mini program in a browser, or words that say how to see it."""
