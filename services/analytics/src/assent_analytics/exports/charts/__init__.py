"""Charts as Vega-Lite specifications: plain objects that draw themselves anywhere, with a description for those who do not see
them.
"""
