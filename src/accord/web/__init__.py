"""The door for people: pages rendered here, in three languages, that work without JavaScript.

The modules beside this one are the shell that every page shares. Each sub-package is a *room*: the
pages of one kind of work, one file a page and one an action. Rooms do not know each other.
"""
