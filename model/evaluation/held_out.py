"""The validation set: pictures of the shared research data that no training of ours has seen.

`dualtrans train --held-out` was given these prefixes of file names; they are demonstration pictures
of other projects, which papers show their results on.
"""

PHOTOGRAPHS = (
    "styleidcnt",
    "adaincontent",
    "gordiccontent",
    "mstcontent",
    "tfjscontent",
    "pcakdcontent",
    "set14",
    "lstphoto",
)
ARTWORKS = (
    "styleidsty",
    "adainstyle",
    "gordicstyle",
    "mst21",
    "sanet",
    "s2wat",
    "microast",
    "deeptransfer",
    "lststyle",
)
