"""A WeChat Official Account platform on this machine, for rehearsals and tests.

It answers the calls an office makes to publish articles, under the platform's own rules, over a real socket,
and fails on demand in every way the real one can. It imports nothing from the application.
"""
