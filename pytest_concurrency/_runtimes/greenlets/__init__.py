"""Greenlets of gevent, as the plugin needs a kind of concurrency."""
