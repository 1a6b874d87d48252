"""The held-out set: file-name prefixes of the research data that were never used for training.

The same prefixes were passed to `dualtrans train --held-out`. The pictures are demonstration
pictures of other projects, which papers use to show their results.
"""

PHOTO_PREFIXES = (
    "styleidcnt",
    "adaincontent",
    "gordiccontent",
    "mstcontent",
    "tfjscontent",
    "pcakdcontent",
    "set14",
    "lstphoto",
)
ARTWORK_PREFIXES = (
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
