"""Files and maps that processes of a run share: each access is a step, on the file that it really is."""
