"""The Basic Application Level Confidentiality Profile and its options, PS3.15 Annex E."""
