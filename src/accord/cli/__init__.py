"""The command line: one file a group of commands, and the assembly of a serving node."""
