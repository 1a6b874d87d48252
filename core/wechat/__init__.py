"""Client of WeChat's server API, shared by the API and the worker."""
