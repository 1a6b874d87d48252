"""WeChat's server interface."""
