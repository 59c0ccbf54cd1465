"""The technician's pages at the running terminal: sign in, look at the queue, send again, export.

Pure, like every flow. Nothing is imported here: the visit's state holds this one's, and this one speaks its events.
"""
