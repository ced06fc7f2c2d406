"""The hop: what stands between a client and a service. Raw ASGI that streams; everything here runs for every request, so it is frugal.

Not here: where paths lead and who may do what, which are rules (domain) and use cases (service).
"""
