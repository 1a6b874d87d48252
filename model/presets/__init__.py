"""Pictures that the project makes itself: previews of styles need no one's photograph."""
