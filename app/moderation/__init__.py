"""Receives the results of WeChat's content checks. The worker requests the checks."""
