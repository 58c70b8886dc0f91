"""One module a channel, each with the same four names: verify, read, draw, send.

What a channel needs beside these stands in modules that begin with its name; what several need, in errors, fitting,
menus, text and wires.
"""
