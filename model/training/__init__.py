"""The command `dualtrans train`: data, losses, schedule, checkpoints and the training loop."""
