"""Browser tests. That this is a package lets its servers stop when the last of its tests is done:
without this file a fixture of the scope "package" lasts as long as the session.
"""
