"""What several processes note down, in the order in which they do."""

import io
import os
import pickle
import tempfile


class Logbook:
    """A file to which every process appends, and which the test reads; given to `with`."""

    def __enter__(self):
        """Open it; processes that are forked from now on have it."""
        self.file = tempfile.TemporaryFile(buffering=0)
        return self

    def __exit__(self, *_):
        """Close it; the file is gone."""
        self.file.close()

    def note(self, entry):
        """Append an entry, whole."""
        os.write(self.file.fileno(), pickle.dumps(entry))

    def read(self):
        """Return all entries."""
        size = os.fstat(self.file.fileno()).st_size
        pages, entries = io.BytesIO(os.pread(self.file.fileno(), size, 0)), []
        while pages.tell() < size:
            entries.append(pickle.load(pages))
        return entries
