"""The gateway: who may do what, limits, one OpenAPI document, and the hop to the services.

Not here: anything about documents, responses, talk or estimates, and any rule about JSON, which are the services'.
"""
