"""Training of the compact perceptual network: it learns to predict the taps of VGG-19."""
