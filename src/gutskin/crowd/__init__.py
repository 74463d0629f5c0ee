"""A scenario for a crowd of virtual people, into a folder: parts, their files, courses, and the summary."""
