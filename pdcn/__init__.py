"""PDCN Explorer: should cross and deep network stand one after the other, or side by side?"""
