"""Fuzz targets: damaged and awkward files, read by Maestro and by another library.

`make fuzz` runs them for as long as it is given; `make test` runs a few examples of each.
"""
