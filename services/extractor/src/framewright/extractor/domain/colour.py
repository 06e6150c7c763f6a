"""What numbers say about colour; ITU-T H.273."""

PQ, HLG = 16, 18
"""Transfer characteristics of HDR."""

BT709, BT2020 = 1, 9
"""Matrix coefficients; libswscale uses the same numbers for its own tables."""

UNSPECIFIED = 2
"""Whatever it is about: the stream does not say."""
