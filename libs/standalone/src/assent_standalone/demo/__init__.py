"""The demo study: invented documents, invented talk and generated parents, loaded through the public API only.

Nothing here is a finding. Every title and every text says that it is synthetic; the places, bodies and people do not exist. The
directions in which the generated groups differ follow what has been published about parents; the sizes are made up.
"""

LABEL = "SYNTHETIC – made for the demonstration"
