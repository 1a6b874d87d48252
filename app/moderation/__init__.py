"""Hears what WeChat pushes: the verdicts of the content check. What is asked, workers ask."""
