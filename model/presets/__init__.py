"""Pictures that the project makes itself, so that previews of the shipped styles need no one's photograph."""
